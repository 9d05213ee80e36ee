"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const conversations = document.getElementById("conversations");
  const source = document.getElementById("source");
  const inspector = document.getElementById("inspector");
  const names = all(".chip").reduce((known, chip) => {
    known[chip.dataset.p] = chip.querySelector(".name").textContent;
    return known;
  }, {});
  const spansOf = (element) => (element.dataset.s || "").split(" ").filter(Boolean);

  // What each span of the source printed, and where it is written.
  const bySpan = (elements) => {
    const found = new Map();
    for (const element of elements) {
      for (const span of spansOf(element)) {
        if (!found.has(span)) found.set(span, []);
        found.get(span).push(element);
      }
    }
    return found;
  };
  const pieces = all(".p", conversations);
  const segments = all(".s[data-s], .s[data-e]", source);
  const printed = bySpan(pieces);
  const written = bySpan(segments);
  const visible = (element) => element.offsetParent !== null;

  let lit = [];
  let held = null;
  const clear = () => {
    for (const element of lit) element.classList.remove("lit", "also", "held");
    lit = [];
  };
  const light = (elements, name) => {
    for (const element of elements || []) {
      if (element.classList.contains("lit")) continue;
      element.classList.add(name);
      lit.push(element);
    }
  };

  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const bring = (element, pane) => {
    const scrolls = pane.scrollHeight > pane.clientHeight + 1;
    if (!element || !scrolls || getComputedStyle(pane).overflowY === "visible") return;
    const [box, frame] = [element.getBoundingClientRect(), pane.getBoundingClientRect()];
    if (box.top >= frame.top + 40 && box.bottom <= frame.bottom - 8) return;
    const top = pane.scrollTop + box.top - frame.top - frame.height / 3;
    pane.scrollTo({ top, behavior: calm.matches ? "auto" : "smooth" });
  };

  const line = (segment) => {
    const code = segment.parentElement;
    const number = code.previousElementSibling.textContent;
    return code.classList.contains("left") ? `line ${number} of the original` : `line ${number}`;
  };
  const written_at = (span) => {
    const found = (written.get(span) || []).filter((each) => each.parentElement.classList.contains("right"));
    return [found, found.map((each) => each.textContent).join("")];
  };
  const say = (parts, target) => {
    inspector.replaceChildren();
    for (const [tag, text] of parts) {
      const element = document.createElement(tag);
      element.textContent = text;
      inspector.append(element);
    }
    if (target) {
      const go = document.createElement("button");
      go.type = "button";
      go.className = "go";
      go.textContent = target[1];
      go.addEventListener("click", () => {
        target[0].scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
        target[0].focus({ preventScroll: true });
      });
      inspector.append(go);
    }
    inspector.classList.add("told");
  };
  const sayNothing = () => {
    inspector.classList.remove("told");
    inspector.textContent = "Point at text to see the source that printed it, and at source to see all that it printed. Click to hold, Escape to let go, arrow keys to move.";
  };
  sayNothing();

  const showPiece = (piece) => {
    const [first, ...others] = spansOf(piece);
    light([piece], "lit");
    light(written.get(first), "lit");
    for (const span of others) light(written.get(span), "also");
    const turn = piece.closest(".turn").dataset.who;
    const parts = [
      ["strong", names[piece.dataset.p]],
      ["span", ` · ${piece.classList.contains("t") ? "trained" : "not trained"} · ${turn}`],
    ];
    if (piece.querySelector(".x")) parts.push(["span", " · with a token that the mask cuts"]);
    const [at, text] = first === undefined ? [[], ""] : written_at(first);
    if (at.length) parts.push(["span", ` · printed by ${line(at[0])} `], ["code", text]);
    else parts.push(["span", " · nothing tells what printed it"]);
    say(parts, at.length ? [at[0], "Show in source"] : null);
    return [at.find(visible), source];
  };

  const showSegment = (segment) => {
    const [first] = spansOf(segment);
    const parts = [["strong", line(segment)]];
    let target = null;
    if (first !== undefined) {
      const runs = printed.get(first) || [];
      light(written.get(first), "lit");
      light(runs, "lit");
      const count = {};
      for (const run of runs) count[names[run.dataset.p]] = (count[names[run.dataset.p]] || 0) + 1;
      const kinds = Object.entries(count).map(([name, times]) => `${name} ×${times}`);
      const trained = runs.filter((run) => run.classList.contains("t")).length;
      const of = trained === runs.length ? "all trained" : trained ? `${trained} of ${runs.length} trained` : "not trained";
      parts.push(["span", ` printed ${kinds.join(", ")} · ${of}`]);
      target = runs[0];
    }
    const edit = segment.dataset.e;
    if (edit) {
      const entry = source.querySelector(`.edits li[data-e="${edit}"]`);
      light([entry], "also");
      const [transform, reason] = [entry.querySelector("strong").textContent, entry.lastChild.textContent];
      parts.push(["span", ` · edit ${edit}, `], ["strong", transform], ["span", `: ${reason}`]);
      light(all(`.s[data-e="${edit}"]`, source), "also");
    }
    say(parts, target ? [target, "Show what it printed"] : null);
    return [target, conversations];
  };

  const showPart = (chip) => {
    light(pieces.filter((piece) => piece.dataset.p === chip.dataset.p), "lit");
    const runs = lit.length;
    say([["strong", names[chip.dataset.p]], ["span", ` · ${runs} run${runs === 1 ? "" : "s"} of text`]]);
    return [lit[0], conversations];
  };

  const showEdit = (entry) => {
    light([entry], "also");
    light(all(`.s[data-e="${entry.dataset.e}"]`, source), "lit");
    return [null, source];
  };

  const what = (node) => node instanceof Element && node.closest(".p, .s[data-s], .s[data-e], .chip, .edits li");
  let waiting = 0;
  const show = (element, brings = true) => {
    clear();
    clearTimeout(waiting);
    const how = element.matches(".p") ? showPiece : element.matches(".s") ? showSegment : element.matches(".chip") ? showPart : showEdit;
    const [target, pane] = how(element);
    if (brings) waiting = setTimeout(() => bring(target, pane), 140);
  };
  const hold = (element) => {
    if (held && held.matches(".chip")) held.setAttribute("aria-pressed", "false");
    held = element;
    if (!held) return;
    if (held.matches(".chip")) held.setAttribute("aria-pressed", "true");
    held.classList.add("held");
    lit.push(held);
  };
  const letGo = () => {
    hold(null);
    clear();
    sayNothing();
  };

  document.addEventListener("pointerover", (event) => {
    const element = what(event.target);
    if (held || event.pointerType === "touch") return;
    if (element) show(element);
  });
  for (const pane of [conversations, source]) {
    pane.addEventListener("pointerleave", () => {
      clearTimeout(waiting);
      if (!held && !pane.contains(document.activeElement)) letGo();
    });
  }
  document.addEventListener("focusin", (event) => {
    const element = what(event.target);
    if (element && !held) show(element);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("a, #inspector, summary")) return;
    const element = what(event.target);
    if (!element || element === held) return letGo();
    hold(null);
    show(element);
    hold(element);
  });

  // One of each kind is in the tab order; arrow keys move on from there.
  const groups = [...all(".printed").map((each) => all(".p", each)), segments];
  const groupOf = new Map();
  for (const group of groups) {
    for (const element of group) {
      element.tabIndex = -1;
      groupOf.set(element, group);
    }
  }
  // Side by side, the source has a column that a narrow window hides.
  const offer = () => {
    for (const group of groups) {
      const offered = group.find((element) => element.tabIndex === 0);
      if (offered && visible(offered)) continue;
      if (offered) offered.tabIndex = -1;
      const first = group.find(visible);
      if (first) first.tabIndex = 0;
    }
  };
  offer();
  addEventListener("resize", offer);
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return letGo();
    const element = document.activeElement;
    const group = groupOf.get(element);
    if (!group) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return element.click();
    }
    if (!(event.key in step) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const shown = group.filter(visible);
    const next = shown[shown.indexOf(element) + step[event.key]];
    if (!next) return;
    element.tabIndex = -1;
    next.tabIndex = 0;
    hold(null);
    next.focus();
  });

  const tokens = document.getElementById("tokens");
  if (tokens) {
    tokens.addEventListener("click", () => {
      const is = document.body.classList.toggle("tokens");
      tokens.setAttribute("aria-pressed", String(is));
    });
  }
})();
