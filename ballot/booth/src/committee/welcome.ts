// The page of an invitation: takes it from behind the #, where no server sees it, into the form. A person sends it.

export function startWelcome(): void {
  const form = document.getElementById("welcome") as HTMLFormElement | null;
  const token = location.hash.slice(1);
  if (!form || !/^[A-Za-z0-9_-]{43}$/.test(token)) return;
  form.querySelector<HTMLInputElement>("#invitation")!.value = token;
  form.querySelector<HTMLElement>("[data-typed]")!.hidden = true;
  history.replaceState(null, "", location.pathname + location.search); // not in the history of a shared computer (A86)
}
