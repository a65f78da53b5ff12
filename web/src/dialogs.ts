// What is to be confirmed comes as a piece of a page and is shown in front of what one was looking at. Without script
// the same link leads to a page of its own.

function focusFirst(dialog: HTMLDialogElement): void {
  dialog.querySelector<HTMLElement>("[data-first]")?.focus();
}

export function startDialogs(): void {
  const dialog = document.querySelector<HTMLDialogElement>("#confirm");
  if (dialog === null) return;
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== dialog) return;
    if (!dialog.open) dialog.showModal();
    focusFirst(dialog);
  });
  dialog.addEventListener("click", (event) => {
    const target = event.target;
    if (target instanceof Element && target.closest("[data-close]") !== null) {
      event.preventDefault();
      dialog.close();
    }
  });
}
