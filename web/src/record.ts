// The slider of a moment: what it stands on is written beside it. Looking there is a button, as without script.

import { formatDtg } from "./clock";

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-slide]")) {
  const slider = form.querySelector<HTMLInputElement>("input[type=range]");
  const shown = form.querySelector("output");
  if (slider === null || shown === null) continue;
  slider.addEventListener("input", () => {
    shown.textContent = formatDtg(new Date(Number(slider.value) * 60_000));
  });
}
