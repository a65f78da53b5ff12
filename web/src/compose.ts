// Composing: a file that is chosen is handed in at once, as a stream of its own, and the draft only names it. Without
// script the form itself carries it, as far as a form may.

function find(form: HTMLFormElement, name: string): HTMLInputElement | HTMLSelectElement | null {
  const found = form.elements.namedItem(name);
  return found instanceof HTMLInputElement || found instanceof HTMLSelectElement ? found : null;
}

function put(form: HTMLFormElement, name: string, value: string): void {
  const field = find(form, name);
  if (field !== null) field.value = value;
}

async function handIn(form: HTMLFormElement, input: HTMLInputElement, file: File): Promise<void> {
  const number = input.dataset["upload"] ?? "";
  const shown = form.querySelector<HTMLElement>(`[data-uploaded="${number}"]`);
  const say = (text: string): void => {
    if (shown !== null) shown.textContent = text;
  };
  say(`${file.name} …`);
  try {
    const answer = await fetch(`/release/attachments?name=${encodeURIComponent(file.name)}`, {
      method: "POST",
      body: file,
      headers: {
        "Content-Type": "application/octet-stream",
        "HX-Request": "true",
        "X-Comity-Form": find(form, "form")?.value ?? "",
      },
    });
    if (!answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      say(page.querySelector(".note strong")?.textContent ?? String(answer.status));
      return;
    }
    const taken = (await answer.json()) as { attachment: string; name: string };
    put(form, `attachment-${number}`, taken.attachment);
    put(form, `file-${number}`, taken.name);
    put(form, `media-${number}`, file.type || "application/octet-stream");
    say(`✓ ${taken.name}`);
    form.dispatchEvent(new Event("change", { bubbles: true }));
  } catch {
    say("×");
  }
}

const form = document.querySelector<HTMLFormElement>("#draft");
form?.addEventListener("change", (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || input.dataset["upload"] === undefined) return;
  const file = input.files?.[0];
  if (file !== undefined) void handIn(form, input, file);
});
