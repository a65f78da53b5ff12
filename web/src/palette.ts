// Everywhere to go, by a few letters: Ctrl+K. A combobox over a list (WAI-ARIA 1.2): the focus stays in the field, arrows
// choose, Enter goes. Before what the node finds stand the acts of this page, pressed as their own buttons are.

let asked = 0;

function findActs(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("main [data-key], #alarm [data-key]")].filter(
    (element) => element.getClientRects().length > 0,
  );
}

/** Say what a button says, without the key that stands on it. */
function nameOf(element: HTMLElement): string {
  const copy = element.cloneNode(true) as HTMLElement;
  for (const key of copy.querySelectorAll("kbd")) key.remove();
  const row = element.closest("[data-row]")?.querySelector(".what")?.textContent ?? "";
  return `${copy.textContent} ${row}`.replace(/\s+/g, " ").trim();
}

function makeAct(act: HTMLElement, at: number): HTMLElement {
  const option = document.createElement("li");
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  option.id = `palette-act-${at}`;
  option.dataset["act"] = String(at);
  option.textContent = nameOf(act);
  return option;
}

export function startPalette(): void {
  const dialog = document.querySelector<HTMLDialogElement>("#palette");
  const field = dialog?.querySelector<HTMLInputElement>("input");
  const list = dialog?.querySelector<HTMLElement>("[role=listbox]");
  if (!dialog || !field || !list) return;
  let acts: HTMLElement[] = [];

  const options = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>("[role=option]:not([aria-disabled])")];
  const choose = (wished: number): void => {
    const all = options();
    const at = all.length === 0 ? -1 : (wished + all.length) % all.length;
    all.forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    const chosen = all[at];
    if (chosen === undefined) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", chosen.id);
    chosen?.scrollIntoView({ block: "nearest" });
  };
  const chosen = (): number => options().findIndex((option) => option.getAttribute("aria-selected") === "true");

  const look = async (): Promise<void> => {
    const mine = ++asked;
    const answer = await fetch(`/palette/rows?q=${encodeURIComponent(field.value)}`, { headers: { "HX-Request": "true" } });
    if (mine !== asked) return; // something else was typed meanwhile
    if (answer.status === 401) location.reload();
    if (!answer.ok) return;
    list.innerHTML = await answer.text();
    const words = field.value.normalize("NFKC").toLowerCase().split(/\s+/);
    const fitting = acts.filter((act) => words.every((word) => nameOf(act).toLowerCase().includes(word)));
    list.prepend(...fitting.map((act) => makeAct(act, acts.indexOf(act))));
    if (fitting.length > 0) list.querySelector("[aria-disabled]")?.remove();
    choose(0);
  };
  const go = (option: HTMLElement | undefined): void => {
    if (option === undefined) return;
    dialog.close();
    const act = acts[Number(option.dataset["act"] ?? -1)];
    if (act !== undefined) act.click();
    else if (option.dataset["href"] !== undefined) location.assign(option.dataset["href"]);
  };
  const open = (): void => {
    if (document.querySelector("dialog[open]") !== null) return;
    acts = findActs();
    field.value = "";
    dialog.showModal();
    field.focus();
    void look();
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (dialog.open) dialog.close();
      else open();
    }
  });
  document.querySelector("[data-palette]")?.addEventListener("click", (event) => {
    event.preventDefault();
    open();
  });
  field.addEventListener("input", () => void look());
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") choose(chosen() + 1);
    else if (event.key === "ArrowUp") choose(chosen() - 1);
    else if (event.key === "Enter") go(options()[chosen()]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    if (event.target instanceof Element) go(event.target.closest<HTMLElement>("[role=option]:not([aria-disabled])") ?? undefined);
  });
}
