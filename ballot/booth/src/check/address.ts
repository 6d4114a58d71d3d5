// The very first thing that runs: the code leaves the address bar, and with it history, screenshots and bookmarks (A70).

export const fragment = location.hash;
/** the language that a link asks for, which wins over those of the browser */
export const asked = new URLSearchParams(location.search).get("lang");
history.replaceState(null, "", location.pathname);
