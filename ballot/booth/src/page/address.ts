// The very first thing that runs: the seed leaves the address bar, and with it history, screenshots and bookmarks (A70).

/** The language of the page that the reader came from: "?lang=ka". */
export const asked = location.search.slice(-2);
export const fragment = location.hash;
history.replaceState(null, "", location.pathname);
