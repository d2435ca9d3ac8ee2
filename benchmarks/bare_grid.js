const CHUNK = 64, CALM = 60, KEEP = 4000;
const base64 = bytes => {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return "data:image/jpeg;base64," + btoa(text);
};
export default { render({ model, el }) {
  const [count, cell, gap, columns, height] = ["count", "cell", "gap", "columns", "height"].map(k => model.get(k));
  const pitch = cell + gap, rows = Math.ceil(count / columns);
  const scroller = document.createElement("div"), canvas = document.createElement("div");
  scroller.className = "bare-scroller";
  scroller.style.cssText = `height:${height}px;width:${columns * pitch + 16}px;overflow-y:scroll;position:relative`;
  canvas.style.cssText = `height:${rows * pitch}px;position:relative;contain:strict`;
  scroller.append(canvas); el.append(scroller);
  const shown = new Map(), cache = new Map(), asked = new Set();
  let frame = 0, calm = 0;
  const visible = over => {
    const first = Math.max(0, Math.floor(scroller.scrollTop / pitch) - over);
    const last = Math.min(rows, Math.ceil((scroller.scrollTop + height) / pitch) + over);
    return [first * columns, Math.min(count, last * columns)];
  };
  const paint = () => {
    frame = 0;
    const [start, stop] = visible(2);
    for (const [i, node] of shown) if (i < start || i >= stop) { node.remove(); shown.delete(i); }
    for (let i = start; i < stop; i++) {
      let node = shown.get(i);
      if (!node) {
        node = document.createElement("div");
        node.className = "bare-cell";
        node.style.cssText = `position:absolute;width:${cell}px;height:${cell}px;background:#ccc;` +
          `transform:translate(${(i % columns) * pitch}px,${Math.floor(i / columns) * pitch}px)`;
        shown.set(i, node); canvas.append(node);
      }
      if (!node.firstChild && cache.has(i)) {
        const image = new Image(cell, cell);
        image.decoding = "async"; image.src = cache.get(i); node.append(image);
      }
    }
  };
  const ask = () => {
    const [start, stop] = visible(2), wanted = [];
    for (let i = start; i < stop; i++) if (!cache.has(i) && !asked.has(i)) wanted.push(i);
    for (let i = 0; i < wanted.length; i += CHUNK) {
      const ids = wanted.slice(i, i + CHUNK);
      ids.forEach(id => asked.add(id));
      model.send({ ids });
    }
  };
  scroller.addEventListener("scroll", () => {
    frame ||= requestAnimationFrame(paint);
    clearTimeout(calm); calm = setTimeout(ask, CALM);
  });
  model.on("msg:custom", ({ ids, lengths }, [buffer]) => {
    const bytes = new Uint8Array(buffer.buffer ?? buffer, buffer.byteOffset ?? 0, buffer.byteLength);
    let at = 0;
    ids.forEach((id, k) => {
      asked.delete(id);
      cache.set(id, base64(bytes.subarray(at, at + lengths[k]))); at += lengths[k];
    });
    while (cache.size > KEEP) cache.delete(cache.keys().next().value);
    frame ||= requestAnimationFrame(paint);
  });
  paint(); ask();
} };
