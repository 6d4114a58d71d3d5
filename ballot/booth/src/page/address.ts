// The very first thing that runs: the seed leaves the address bar, and with it history, screenshots and bookmarks (A70).

export const fragment = location.hash;
history.replaceState(null, "", location.pathname);
