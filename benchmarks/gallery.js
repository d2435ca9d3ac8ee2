// Measuring, inside the page. `grid` names a scrolling element and its cells; both contestants are measured alike.
window.measure = (() => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

  const inSight = ({ scroller, cell }) => {
    const box = scroller.getBoundingClientRect();
    return [...scroller.querySelectorAll(cell)].filter((node) => {
      if (node.hidden) return false;
      const { top, bottom, width } = node.getBoundingClientRect();
      return width > 0 && bottom > box.top + 1 && top < box.bottom - 1;
    });
  };

  const find = ({ scroller, cell }) => ({ scroller: document.querySelector(scroller), cell });

  const isPainted = (node) => {
    const picture = node.querySelector("img");
    return picture !== null && picture.complete && picture.naturalWidth > 0;
  };

  /** Milliseconds from setting the scroll position until every cell in sight shows its decoded picture. */
  async function jump(names, share, limit = 20000) {
    const grid = find(names);
    const start = performance.now();
    const before = grid.scroller.scrollTop;
    grid.scroller.scrollTop = share * (grid.scroller.scrollHeight - grid.scroller.clientHeight);
    if (grid.scroller.scrollTop === before) return 0;
    await frame(); // the grid places its cells in this frame
    for (;;) {
      await frame();
      const cells = inSight(grid);
      if (cells.length > 0 && cells.every(isPainted)) {
        await Promise.all(cells.map((node) => node.querySelector("img").decode()));
        await frame();
        return performance.now() - start;
      }
      if (performance.now() - start > limit) throw new Error(`not painted within ${limit} ms`);
    }
  }

  /** Scrolls evenly; returns the frame intervals, or with `look` what was to be seen after every fifth frame. */
  async function glide(names, speed, seconds, look) {
    const grid = find(names);
    const found = { intervals: [], cells: 0, blank: 0, looks: 0, holes: 0 };
    const box = grid.scroller.getBoundingClientRect();
    const from = grid.scroller.scrollTop;
    const start = await frame();
    for (let last = start; last - start < seconds * 1000; ) {
      grid.scroller.scrollTop = from + ((last - start) / 1000) * speed;
      const now = await frame();
      found.intervals.push(now - last);
      last = now;
      if (!look || found.intervals.length % 5 !== 0) continue;
      await new Promise((resolve) => setTimeout(resolve, 0)); // the grid has placed its cells in this frame by now
      const nodes = inSight(grid);
      found.looks += 1;
      found.cells += nodes.length;
      found.blank += nodes.filter((node) => !isPainted(node)).length;
      // a hole: ground in sight that no cell covers, from the first row to the last
      const boxes = nodes.map((node) => node.getBoundingClientRect());
      const top = Math.min(...boxes.map((one) => one.top));
      const bottom = Math.max(...boxes.map((one) => one.bottom));
      if (!(top <= box.top + 16 && bottom >= box.bottom - 16)) found.holes += 1;
    }
    return found;
  }

  return { jump, glide };
})();
