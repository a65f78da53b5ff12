// A clock that ticks in a worker: a browser slows the timers of a page that nobody looks at to one in a minute, and lets
// those of a worker be.

setInterval(() => {
  postMessage(0);
}, 1000);
