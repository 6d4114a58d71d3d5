// Proposals and approvals on their way to the service (protocol §A). Sending the same again does nothing twice.

import { encode, type Json } from "../canonical.ts";
import { array, any, answer, natural, nullable, text } from "../schema.ts";

export type Answer = { readonly state: string; readonly seq: number | null; readonly approvals: number } | { readonly code: string; readonly detail: string };

const actShape = answer({ state: text, seq: nullable(natural()), approvals: array(any) });
const problemShape = answer({ code: text, detail: text });

/** What the service says; code "lost": nobody knows whether it arrived. */
export async function send(path: string, body: Json): Promise<Answer> {
  let response: Response;
  let document: Json;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: encode(body),
      credentials: "omit",
      referrerPolicy: "no-referrer",
      redirect: "error",
    });
    document = (await response.json()) as Json;
  } catch (error) {
    return { code: "lost", detail: String(error) };
  }
  if (!response.ok) return problemShape(document, "answer");
  const { state, seq, approvals } = actShape(document, "answer");
  return { state, seq, approvals: approvals.length };
}
