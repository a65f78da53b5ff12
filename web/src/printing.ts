// A button that prints the page; without script it is not there, and the browser's own menu prints as well.

export function startPrinting(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
}
