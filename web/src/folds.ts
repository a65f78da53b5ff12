// What was unfolded stays unfolded when the piece of the page that it is in renews itself.

export function startFolds(): void {
  let unfolded: string[] = [];
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (!(event.target instanceof Element) || event.target.id !== "live") return;
    const found = event.target.querySelectorAll<HTMLDetailsElement>("details[open][id]");
    unfolded = [...found].map((fold) => fold.id);
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    for (const id of unfolded) {
      const fold = document.getElementById(id);
      if (fold instanceof HTMLDetailsElement) fold.open = true;
    }
    unfolded = [];
  });
}
