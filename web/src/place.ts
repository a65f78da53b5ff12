// Where one was in a piece of a page stays when the piece renews itself: what is being pressed is not taken away from
// under the finger, what had the focus has it again, what was moved aside stays so.

import htmx from "htmx.org";

/** How long something held down keeps a piece as it is; the alarm is no such piece. */
const PRESS_MS = 15_000;
const REACHED = "a, button, input, select, textarea, summary, [tabindex]";

let pressedAt = -PRESS_MS;
let held: Element | null = null;
let focused = "";
let moved: [string, number, number][] = [];

function press(event: Event): void {
  if (event.target instanceof Element && event.target.closest("#live") !== null) pressedAt = performance.now();
}

/** What came meanwhile is asked for as soon as it is let go; the press itself is heard before the answer is there. */
function release(): void {
  pressedAt = -PRESS_MS;
  const piece = held;
  held = null;
  if (piece !== null) htmx.trigger(piece, "comity:look", {});
}

/** What an element is by what it does, so that it is found again in the piece that takes the place of its own. */
function nameOf(element: Element): string {
  const own = ["id", "href", "name", "value", "aria-label"].map((name) => element.getAttribute(name) ?? "");
  const says = element.matches("button, summary") ? (element.textContent ?? "") : "";
  return [element.tagName, element.closest("form")?.getAttribute("action") ?? "", ...own, says.trim()].join("\n");
}

function keep(piece: Element): void {
  const active = document.activeElement;
  focused = active !== null && active !== piece && piece.contains(active) ? nameOf(active) : "";
  moved = [...piece.querySelectorAll(".scroll")]
    .filter((part) => part.scrollLeft !== 0 || part.scrollTop !== 0)
    .map((part) => [nameOf(part), part.scrollLeft, part.scrollTop]);
}

function restore(piece: Element): void {
  for (const [name, left, top] of moved) {
    const part = [...piece.querySelectorAll(".scroll")].find((one) => nameOf(one) === name);
    part?.scrollTo({ left, top, behavior: "instant" });
  }
  if (focused === "" || piece.contains(document.activeElement)) return;
  const same = [...piece.querySelectorAll<HTMLElement>(REACHED)].find((one) => nameOf(one) === focused);
  same?.focus({ preventScroll: true });
}

/** On a phone the pages stand in a bar that is moved sideways: the one that is shown is brought into it. */
function showWhere(): void {
  const here = document.querySelector<HTMLElement>(".rail nav [aria-current]");
  const bar = here?.parentElement ?? null;
  if (here !== null && bar !== null) bar.scrollLeft = here.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;
}

export function startPlace(): void {
  showWhere();
  document.addEventListener("pointerdown", press);
  document.addEventListener("keydown", (event) => {
    if (event.key === " " || event.key === "Enter") press(event);
  });
  for (const end of ["pointerup", "pointercancel", "keyup"]) document.addEventListener(end, release);
  window.addEventListener("blur", release);
  document.body.addEventListener("comity:tick", () => {
    if (held !== null && performance.now() - pressedAt >= PRESS_MS) release();
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const piece = event.target;
    if (!(piece instanceof Element) || piece.id !== "live") return;
    const detail = (event as CustomEvent<{ shouldSwap: boolean }>).detail;
    if (detail.shouldSwap && performance.now() - pressedAt < PRESS_MS) {
      detail.shouldSwap = false;
      held = piece;
    }
    if (detail.shouldSwap) keep(piece);
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    const piece = document.getElementById("live");
    if (piece !== null) restore(piece);
    focused = "";
    moved = [];
  });
}
