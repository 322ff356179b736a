// The page's first file: it makes the elements known, and starts what needs no element.
import "./element/heddle-lab.ts";

// A page that cannot keep itself is still a page.
navigator.serviceWorker?.register("./offline.js").catch(() => {});
