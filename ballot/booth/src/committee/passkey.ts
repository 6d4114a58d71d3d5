// Passkeys (W3C WebAuthn level 2): a form with `data-passkey` carries what the service asks of the browser, and sends
// what the authenticator answers. Without this script, or without passkeys, the form stays hidden.

import { b64, unb64 } from "../base64url.ts";
import type { Bytes } from "../bytes.ts";
import { show, tell } from "./dom.ts";

type Json = { readonly [name: string]: unknown };

export function startPasskeys(): void {
  const forms = document.querySelectorAll<HTMLFormElement>("form[data-passkey]");
  if (!isSecureContext || !("PublicKeyCredential" in globalThis)) return;
  forms.forEach((form) => {
    show(form);
    let busy = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (busy) return;
      busy = true;
      const options = JSON.parse(form.dataset.options!) as Json;
      const asked = form.dataset.passkey === "create" ? create(options) : get(options);
      asked
        .then((answer) => {
          form.querySelector<HTMLInputElement>('input[name="passkey"]')!.value = JSON.stringify(answer);
          form.submit();
        })
        .catch(() => {
          const failed = form.querySelector<HTMLElement>("[data-failed]")!;
          tell(failed, failed.textContent ?? "");
        })
        .finally(() => (busy = false));
    });
  });
}

const bytes = (value: unknown): Bytes => unb64(value as string, null, "options");
const text = (value: ArrayBuffer): string => b64(new Uint8Array(value));
const descriptors = (list: unknown): PublicKeyCredentialDescriptor[] =>
  ((list ?? []) as Json[]).map(({ id }) => ({ type: "public-key", id: bytes(id) }));

async function create(options: Json): Promise<Json> {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...(options.user as Json), id: bytes((options.user as Json).id) },
    excludeCredentials: descriptors(options.excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return answerOf(made, {
    clientDataJSON: text(response.clientDataJSON),
    attestationObject: text(response.attestationObject),
  });
}

async function get(options: Json): Promise<Json> {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: descriptors(options.allowCredentials),
  } as unknown as PublicKeyCredentialRequestOptions;
  const used = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const response = used.response as AuthenticatorAssertionResponse;
  return answerOf(used, {
    clientDataJSON: text(response.clientDataJSON),
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
    userHandle: response.userHandle && text(response.userHandle),
  });
}

const answerOf = (credential: PublicKeyCredential, response: Json): Json => ({
  id: credential.id,
  rawId: text(credential.rawId),
  type: credential.type,
  response,
});
