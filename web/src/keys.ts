// Keys. An element says which key stands for it (`data-key`), so that a page's keys are what it shows, and nothing is
// kept in a list here. A key does nothing while one types, while a dialog is open, or with Control, Alt or Meta.

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, select, textarea, [contenteditable]") !== null;
}

function isShown(element: HTMLElement): boolean {
  return element.getClientRects().length > 0;
}

function findRows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-row]")].filter(isShown);
}

function find(key: string): HTMLElement | undefined {
  // Of several the one in the row that has the focus, else the first.
  const row = document.activeElement?.closest("[data-row]") ?? null;
  const all = [...document.querySelectorAll<HTMLElement>("[data-key]")].filter(
    (element) => element.dataset["key"] === key && isShown(element),
  );
  return all.find((element) => row?.contains(element)) ?? all[0];
}

function move(step: number): void {
  const rows = findRows();
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  next?.querySelector<HTMLElement>("a[href], button")?.focus();
}

export function startKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]") !== null) return;
    if (event.key === "j" || event.key === "k") {
      move(event.key === "j" ? 1 : -1);
      event.preventDefault();
      return;
    }
    const found = find(event.key.toLowerCase());
    if (found !== undefined) {
      event.preventDefault();
      found.focus();
      found.click();
    }
  });
}
