// The service worker of the built page: all of its files are kept when it is first opened, so that
// it opens without a network. page.mjs puts the list in.
const { version, files } = "__FILES__";
const CACHE = `heddle-lab-${version}`;

addEventListener("install", (event) => {
  event.waitUntil(keep());
});

async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll(files);
  await skipWaiting();
}

addEventListener("activate", (event) => {
  event.waitUntil(forget());
});

// Caches of other pages of the same origin are left alone.
async function forget() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("heddle-lab-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await clients.claim();
}

addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(answer(event.request));
});

// There is one page, whatever its address says behind the folder.
async function answer(request) {
  const cache = await caches.open(CACHE);
  const asked = request.mode === "navigate" ? "./index.html" : request;
  const kept = await cache.match(asked, { ignoreSearch: true });
  return kept ?? fetch(request);
}
