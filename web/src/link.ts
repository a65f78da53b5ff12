// Whether the node still answers. A page that cannot reach its node shows what was true and says so by itself: a quiet
// screen must never be taken for a quiet night.

export function startLink(): void {
  const shown = document.querySelector<HTMLElement>("#lost");
  if (shown === null) return;
  const lose = (): void => {
    shown.hidden = false;
    document.body.dispatchEvent(new CustomEvent("comity:lost"));
  };
  document.body.addEventListener("htmx:sendError", lose);
  document.body.addEventListener("htmx:timeout", lose);
  document.body.addEventListener("htmx:responseError", (event) => {
    const status = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr.status;
    if (status >= 500) lose();
  });
  document.body.addEventListener("comity:begun", () => {
    shown.hidden = true; // a piece that does not come all the same says so again
  });
  document.body.addEventListener("htmx:afterOnLoad", (event) => {
    const status = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr.status;
    if (status < 400) shown.hidden = true;
  });
}
