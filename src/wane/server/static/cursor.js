"use strict";
// A cursor on the main chart: the window under the pointer, or chosen with the arrow keys, is
// marked, and its row of the table behind the chart is read out under it. Without this script the
// table says the same.
(() => {
  const SVG = "http://www.w3.org/2000/svg";

  const places = (chart) => chart.dataset.at.split(" ").map(Number);

  // The row of a window: the table holds the newest windows, without those of the reference.
  const rowOf = (chart, index, count) => {
    const rows = chart.closest("section").querySelectorAll("details tbody tr");
    return rows[rows.length - (count - index)];
  };

  const readout = (chart) => {
    const section = chart.closest("section");
    let line = section.querySelector(".readout");
    if (!line) {
      line = document.createElement("p");
      line.className = "readout";
      line.setAttribute("aria-live", "polite");
      section.querySelector("details").before(line);
    }
    return line;
  };

  const show = (chart, index) => {
    const at = places(chart);
    const place = Math.max(0, Math.min(at.length - 1, index));
    const row = rowOf(chart, place, at.length);
    let line = chart.querySelector(".cursor");
    if (!line) {
      line = document.createElementNS(SVG, "line");
      line.setAttribute("class", "cursor");
      const box = chart.viewBox.baseVal;
      line.setAttribute("y1", Math.max(0, box.y));
      line.setAttribute("y2", box.y + box.height - 20);
      chart.append(line);
    }
    line.setAttribute("x1", at[place]);
    line.setAttribute("x2", at[place]);
    chart.dataset.index = place;
    const names = chart.closest("section").querySelectorAll("details thead th");
    readout(chart).textContent = row
      ? [...row.cells]
          .map((cell, i) => (i && cell.textContent.trim() ? `${names[i].textContent} ` : "") + cell.textContent.trim())
          .filter(Boolean)
          .join(" · ")
      : "a window of the reference";
  };

  const nearest = (chart, clientX) => {
    const box = chart.getBoundingClientRect();
    const x = ((clientX - box.left) / box.width) * chart.viewBox.baseVal.width;
    const at = places(chart);
    return at.reduce((best, value, i) => (Math.abs(value - x) < Math.abs(at[best] - x) ? i : best), 0);
  };

  const chartOf = (event) => event.target.closest && event.target.closest("svg.chart[data-at]");

  document.addEventListener("pointermove", (event) => {
    const chart = chartOf(event);
    if (chart) show(chart, nearest(chart, event.clientX));
  });
  document.addEventListener("keydown", (event) => {
    const chart = chartOf(event);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!chart || !step) return;
    event.preventDefault();
    const last = places(chart).length - 1;
    show(chart, chart.dataset.index === undefined ? last : Number(chart.dataset.index) + step);
  });
  const reachable = () =>
    document.querySelectorAll("svg.chart[data-at]").forEach((chart) => chart.setAttribute("tabindex", "0"));
  document.addEventListener("DOMContentLoaded", reachable);
  document.addEventListener("htmx:after:swap", reachable);
})();
