"use strict";
(() => {
  const remembered = {
    get: () => { try { return localStorage.getItem("rewriter-theme"); } catch { return null; } },
    set: (value) => { try { localStorage.setItem("rewriter-theme", value); } catch { /* a frame may have no storage */ } },
  };
  const theme = document.getElementById("theme");
  const themes = ["auto", "light", "dark"];
  const dress = (value) => {
    if (value === "auto") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.dataset.theme = value;
    theme.textContent = `Theme: ${value}`;
    theme.dataset.value = value;
  };
  const kept = remembered.get();
  dress(themes.includes(kept) ? kept : "auto");
  theme.addEventListener("click", () => {
    const next = themes[(themes.indexOf(theme.dataset.value) + 1) % themes.length];
    dress(next);
    remembered.set(next);
  });
})();
