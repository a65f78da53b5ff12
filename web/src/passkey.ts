// Passkeys. A form says what the browser is asked (`data-options`); what the authenticator answers goes into the form,
// which is sent like any other. Nothing is kept here.

function toBytes(text: string): ArrayBuffer {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(plain.length);
  for (let at = 0; at < plain.length; at++) bytes[at] = plain.charCodeAt(at);
  return bytes.buffer;
}

function toText(bytes: ArrayBuffer | null): string | undefined {
  if (bytes === null) return undefined;
  const plain = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

interface Descriptor {
  id: string;
  type: "public-key";
}

interface Options {
  challenge: string;
  user?: { id: string; name: string; displayName: string };
  excludeCredentials?: Descriptor[];
  allowCredentials?: Descriptor[];
}

function readDescriptors(rows: Descriptor[] | undefined): PublicKeyCredentialDescriptor[] {
  return (rows ?? []).map((row) => ({ ...row, id: toBytes(row.id) }));
}

async function make(options: Options): Promise<Credential | null> {
  const asked = options as unknown as PublicKeyCredentialCreationOptions;
  const user = options.user ?? { id: "", name: "", displayName: "" };
  return navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: toBytes(options.challenge),
      user: { ...user, id: toBytes(user.id) },
      excludeCredentials: readDescriptors(options.excludeCredentials),
    },
  });
}

async function show(options: Options): Promise<Credential | null> {
  const asked = options as unknown as PublicKeyCredentialRequestOptions;
  return navigator.credentials.get({
    publicKey: {
      ...asked,
      challenge: toBytes(options.challenge),
      allowCredentials: readDescriptors(options.allowCredentials),
    },
  });
}

function write(credential: PublicKeyCredential): string {
  const given = credential.response;
  const response =
    given instanceof AuthenticatorAttestationResponse
      ? { clientDataJSON: toText(given.clientDataJSON), attestationObject: toText(given.attestationObject) }
      : {
          clientDataJSON: toText(given.clientDataJSON),
          authenticatorData: toText((given as AuthenticatorAssertionResponse).authenticatorData),
          signature: toText((given as AuthenticatorAssertionResponse).signature),
          userHandle: toText((given as AuthenticatorAssertionResponse).userHandle),
        };
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response,
  });
}

async function answer(form: HTMLFormElement): Promise<void> {
  const failed = form.querySelector<HTMLElement>("[data-failed]");
  if (failed !== null) failed.hidden = true;
  const options = JSON.parse(form.dataset["options"] ?? "{}") as Options;
  try {
    const credential = form.dataset["passkey"] === "make" ? await make(options) : await show(options);
    const field = form.elements.namedItem("answer");
    if (credential instanceof PublicKeyCredential && field instanceof HTMLInputElement) {
      field.value = write(credential);
      form.submit();
    }
  } catch {
    // Cancelled, timed out, or no fitting key: the browser has said which, and the form can be sent again.
    if (failed !== null) failed.hidden = false;
  }
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
  form.hidden = !("credentials" in navigator) || !("PublicKeyCredential" in window);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void answer(form);
  });
}
