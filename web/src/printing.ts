// Printing. A button that prints the page; without script it is not there, and the browser's own menu prints as well.
//
// The node wrote on the page which marking is the highest on it, who looks at it and when. A page whose pieces renewed
// themselves shows other things since: what each sheet bears is read anew before it is printed. What lies in front of
// the page is printed by itself, over as many sheets as it takes.

import { formatDtg, nodeTime } from "./clock";

interface Highest {
  rank: number;
  level: string;
  caveats: Set<string>;
}

function readBanner(): string[] {
  const found = new Map<string, Highest>();
  for (const element of document.querySelectorAll<HTMLElement>("[data-rank]")) {
    const { rank = "", of = "", level = "", caveats = "" } = element.dataset;
    const row = found.get(of) ?? { rank: -1, level: "", caveats: new Set<string>() };
    if (Number(rank) > row.rank) {
      row.rank = Number(rank);
      row.level = level;
    }
    for (const caveat of caveats.split("|")) if (caveat !== "") row.caveats.add(caveat);
    found.set(of, row);
  }
  const rows = [...found].sort(([one, a], [other, b]) => b.rank - a.rank || (one < other ? -1 : 1));
  return rows.map(([of, row]) => [of, row.level, ...row.caveats].join(" · "));
}

function writeBanner(): void {
  const rows = readBanner();
  for (const line of document.querySelectorAll<HTMLElement>(".banner-line")) {
    const bold = rows.map((row) => Object.assign(document.createElement("b"), { textContent: row }));
    line.replaceChildren(...(bold.length > 0 ? bold : [line.dataset["none"] ?? ""]));
  }
}

// A dialog hangs over the first sheet and is cut off at its end: a copy of it stands in the page while it is printed.
function layOut(): void {
  const dialog = document.querySelector<HTMLDialogElement>("dialog[open]");
  const main = document.querySelector("main");
  if (dialog === null || main === null) return;
  const sheet = document.createElement("section");
  sheet.className = "in-front";
  sheet.append(...dialog.cloneNode(true).childNodes);
  main.append(sheet);
}

export function startPrinting(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
  addEventListener("beforeprint", () => {
    writeBanner();
    const now = nodeTime();
    const shown = document.querySelector<HTMLElement>("[data-shown]");
    if (shown !== null && now !== null) shown.textContent = formatDtg(now);
    layOut();
  });
  addEventListener("afterprint", () => document.querySelector("main > .in-front")?.remove());
}
