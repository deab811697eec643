"use strict";
// Keys, zoom and rotation. The desk works without this file; it only spares the hand.
(() => {
  const large = document.getElementById("large");
  let zoom = 1, turn = 0;
  const draw = () => {
    if (!large) return;
    large.style.transform = `rotate(${turn}deg)`;
    large.style.maxWidth = zoom === 1 ? "" : "none";
    large.style.maxHeight = zoom === 1 ? "" : "none";
    large.style.width = zoom === 1 ? "" : `${zoom * 70}%`;
  };
  document.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", () => {
    zoom = Math.min(8, Math.max(0.4, zoom * Number(button.dataset.zoom)));
    draw();
  }));
  document.querySelectorAll("[data-turn]").forEach((button) => button.addEventListener("click", () => {
    turn = (turn + Number(button.dataset.turn)) % 360;
    draw();
  }));
  document.querySelectorAll("[data-large]").forEach((link) => link.addEventListener("click", (event) => {
    if (!large) return;
    event.preventDefault();
    large.src = link.dataset.large;
    large.alt = link.dataset.caption;
    document.querySelector(".caption").textContent = link.dataset.caption;
    document.querySelectorAll(".thumbs a").forEach((other) => other.classList.toggle("here", other === link));
    zoom = 1; turn = 0; draw();
  }));
  const rows = [...document.querySelectorAll("tr[data-href]")];
  let at = -1;
  const go = (to) => {
    at = Math.max(0, Math.min(rows.length - 1, to));
    rows.forEach((row, i) => row.classList.toggle("at", i === at));
    rows[at]?.scrollIntoView({ block: "nearest" });
  };
  rows.forEach((row) => row.addEventListener("click", () => { location.href = row.dataset.href; }));
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (typing) {
      if (event.key === "Escape") document.activeElement.blur();
      return;
    }
    if (event.key === "/") { event.preventDefault(); document.getElementById("search")?.focus(); return; }
    if (rows.length && event.key === "j") return go(at + 1);
    if (rows.length && event.key === "k") return go(at - 1);
    if (rows.length && event.key === "Enter" && at >= 0) { location.href = rows[at].dataset.href; return; }
    const target = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === event.key);
    if (target) { event.preventDefault(); target.click(); }
  });
})();
