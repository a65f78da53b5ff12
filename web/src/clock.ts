// The clock in the bar: the node's time, as it said when the page came, and how long that was ago. The own machine's
// clock is never shown: it may be wrong, and the record goes by the node's.

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

function two(number: number): string {
  return String(number).padStart(2, "0");
}

export function formatDtg(at: Date): string {
  const day = `${two(at.getUTCDate())}${two(at.getUTCHours())}${two(at.getUTCMinutes())}Z`;
  return `${day} ${MONTHS[at.getUTCMonth()]} ${two(at.getUTCFullYear() % 100)}`;
}

function find(name: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`#now-${name}`);
}

let saidMs = NaN;
let began = 0;

// The node's time now; null on a page that has no clock.
export function nodeTime(): Date | null {
  return Number.isNaN(saidMs) ? null : new Date(saidMs + performance.now() - began);
}

export function startClock(): void {
  saidMs = Number(find("z")?.dataset["ms"]);
  began = performance.now();
  const show = (): void => {
    const [shown, local] = [find("z"), find("local")]; // others, whenever the bar has renewed itself
    if (shown === null || local === null) return;
    const ms = saidMs + performance.now() - began;
    shown.textContent = formatDtg(new Date(ms));
    const there = new Date(ms + Number(local.dataset["offsetMs"]));
    local.textContent = `${two(there.getUTCHours())}:${two(there.getUTCMinutes())} ${local.dataset["letters"] ?? ""}`;
  };
  setInterval(show, 1000);
}
