// The service worker of the built page: all of its files are kept when it is first opened, so that
// it opens without a network. page.mjs puts the list in.
const { version, files } = "__FILES__";
const CACHE = `heddle-lab-${version}`;
const PAGE = "index.html";

addEventListener("install", (event) => {
  event.waitUntil(keep());
});

async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll(files.filter((file) => file !== PAGE));
  const page = await fetch(PAGE, { cache: "no-cache" });
  if (!page.ok) throw new Error(`${PAGE}: ${page.status}`);
  await cache.put(PAGE, direct(page));
  await skipWaiting();
}

// Many hosts of files send who asks for `index.html` on to its folder, and a browser refuses an
// answer to a page that says so.
function direct({ body, headers }) {
  return new Response(body, { headers });
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

// There is one page, whatever its address says behind the folder. It names its other files by what
// is in them, so that it alone can be old: it is asked for first, and kept for when nobody answers.
async function answer(request) {
  const cache = await caches.open(CACHE);
  const isPage = request.mode === "navigate";
  const fresh = isPage ? await freshPage(request.url) : null;
  const asked = isPage ? PAGE : request;
  return fresh ?? (await cache.match(asked, { ignoreSearch: true })) ?? fetch(request);
}

const PATIENCE_MS = 1500;

async function freshPage(url) {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(url, { cache: "no-cache", signal });
    return response.ok ? direct(response) : null;
  } catch {
    return null;
  }
}
