// A kernel in the page, for looking at the widgets without Python: `drive.py afm --mock mock-kernel.js`.
// The trait `mock` says what it plays: {n, total, state, silent, readonly, query, excluded, fail}.

const encoder = new Map();

/** A JPEG with a number on coloured ground, in proportions that vary with the id. */
async function picture(any, side) {
  const id = any % 480; // encoding in the page takes frames away; a kernel does it elsewhere
  const key = `${id}/${side}`;
  if (encoder.has(key)) return encoder.get(key);
  const aspect = aspectOf(id);
  const width = Math.round(side * Math.min(1, aspect));
  const height = Math.round(side / Math.max(1, aspect));
  const canvas = new OffscreenCanvas(width, height);
  const c = canvas.getContext("2d");
  const [r, g, b] = colorOf(id);
  const ground = c.createLinearGradient(0, 0, width, height);
  ground.addColorStop(0, `rgb(${r + 40} ${g + 40} ${b + 40})`);
  ground.addColorStop(1, `rgb(${r - 40} ${g - 40} ${b - 40})`);
  c.fillStyle = ground;
  c.fillRect(0, 0, width, height);
  c.fillStyle = "rgba(255 255 255 / .25)";
  for (let k = 0; k < 5; k++) {
    c.beginPath();
    c.arc(
      (((id * 37 + k * 91) % 100) / 100) * width,
      (((id * 53 + k * 67) % 100) / 100) * height,
      side / (6 + k),
      0,
      7,
    );
    c.fill();
  }
  c.fillStyle = "#fff";
  c.font = `${Math.round(height / 5)}px sans-serif`;
  c.fillText(String(id), width / 12, height / 2);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 });
  const bytes = await blob.arrayBuffer();
  encoder.set(key, bytes);
  return bytes;
}

const aspectOf = (id) => [1, 1, 1.5, 0.66, 1, 1.33, 0.75, 1][id % 8];
const colorOf = (id) => [90 + ((id * 71) % 120), 90 + ((id * 43) % 120), 90 + ((id * 97) % 120)];
const tagsOf = (id) => ["dog", "outdoors", "solo", "grass"].slice(0, 1 + (id % 4));

export default (host, model) => {
  const mock = {
    n: 1284,
    total: 98412,
    state: "ready",
    query: "dog -blurry sharpness:>0.4",
    ...(model.get("mock") ?? {}),
  };
  const kernel = {
    mock,
    version: 3,
    count: mock.n,
    total: mock.total,
    query: mock.query,
    selection: [],
    edits: new Map(),
    undo: [],
    redo: [],
    log: [],
  };
  globalThis.mockKernel = kernel;
  kernel.warm = () => Promise.all(Array.from({ length: 480 }, (_, id) => picture(id, 256)));
  kernel.emit = (event, payload) => host.reply({ v: 1, event, payload });
  kernel.changed = (extra = {}) => kernel.emit("changed", { ...overview(), kinds: [], images: [], new: 0, ...extra });

  const message = (steps) => (steps.length ? { message: steps[steps.length - 1].message } : null);
  const idAt = (position) => position * 3 + 7;
  const marks = (id) => {
    const edited = kernel.edits.get(id) ?? {};
    const flags = ((edited.excluded ?? id % 23 === 2) ? 1 : 0) | (id % 17 === 3 ? 2 : 0) | (id % 29 === 4 ? 4 : 0);
    return { flags, stars: edited.stars ?? (id % 5 === 1 ? 3 + (id % 3) : 0) };
  };
  const overview = () => ({
    version: kernel.version,
    project: "my-dog",
    path: "~/lora/my-dog",
    count: kernel.count,
    total: kernel.total,
    query: kernel.query,
    order: "",
    readonly: mock.readonly ?? false,
    author: "me",
    selection: { ranges: kernel.selection, count: kernel.selection.reduce((n, [a, b]) => n + b - a, 0) },
    active: null,
    state: mock.state,
    can_undo: message(kernel.undo),
    can_redo: message(kernel.redo),
  });
  const fail = (kind, text, extra = {}) => {
    throw Object.assign(new Error(text), { wire: { kind, message: text, ...extra } });
  };
  const idsOf = (target) =>
    target === "selected"
      ? kernel.selection.flatMap(([a, b]) => Array.from({ length: Math.min(b - a, 5000) }, (_, k) => idAt(a + k)))
      : (target.ids ?? [target.id]);

  const handlers = {
    hello: () => [{ ...overview(), cell: mock.cell ?? 120, job: mock.job ?? null }],
    index: ({ version, start, stop }) => {
      if (version !== kernel.version) fail("stale", "the order has changed since");
      const n = Math.max(0, Math.min(stop, kernel.count) - start);
      const buffer = new ArrayBuffer(11 * n);
      const view = new DataView(buffer);
      for (let k = 0; k < n; k++) {
        const id = idAt(start + k);
        const { flags, stars } = marks(id);
        view.setInt32(4 * k, id, true);
        view.setUint16(4 * n + 2 * k, Math.round(8192 + 2048 * Math.log2(aspectOf(id))), true);
        for (const [channel, value] of colorOf(id).entries()) view.setUint8(6 * n + 3 * k + channel, value);
        view.setUint8(9 * n + k, flags);
        view.setUint8(10 * n + k, stars);
      }
      return [{ version: kernel.version, start, stop: start + n }, [buffer]];
    },
    thumbs: async ({ ids }) => {
      const good = ids.filter((id) => id % 41 !== 5);
      const errors = Object.fromEntries(ids.filter((id) => id % 41 === 5).map((id) => [id, "truncated file"]));
      const parts = await Promise.all(good.map((id) => picture(id, 256)));
      const all = new Uint8Array(parts.reduce((n, part) => n + part.byteLength, 0));
      let at = 0;
      for (const part of parts) {
        all.set(new Uint8Array(part), at);
        at += part.byteLength;
      }
      return [
        {
          version: kernel.version,
          ids: good,
          lengths: parts.map((part) => part.byteLength),
          type: "image/jpeg",
          errors,
        },
        [all],
      ];
    },
    image: async ({ id, max }) => [
      { version: kernel.version, id, width: max, height: max, type: "image/jpeg" },
      [await picture(id, Math.min(max, 1280))],
    ],
    details: ({ id }) => [
      {
        version: kernel.version,
        id,
        name: `DSC_${id}.jpg`,
        path: `photos/DSC_${id}.jpg`,
        width: Math.round(1280 * Math.min(1, aspectOf(id))),
        height: Math.round(1280 / Math.max(1, aspectOf(id))),
        format: "JPEG",
        bytes: 412000,
        stars: marks(id).stars,
        excluded: (marks(id).flags & 1) > 0,
        reason: marks(id).flags & 1 ? "duplicate" : null,
        reviewed: false,
        caption: { variant: "default", text: "a photo of sks dog", source: "hand" },
        tags: tagsOf(id).map((name) => ({ name, category: 0, source: "model", model: "wd-vit-tagger-v3", score: 0.9 })),
        suggested: [],
        rejected: [],
        scores: { sharpness: (id % 100) / 100, aesthetic: 5.5 },
      },
    ],
    search: ({ query }) => {
      const wrong = /(\w+):>([a-z]\w*)/.exec(query);
      if (wrong)
        fail("query", `Expected a number after ${wrong[1]}:>, got ${wrong[2]}`, {
          position: wrong.index + wrong[1].length + 2,
          length: wrong[2].length,
        });
      kernel.query = query;
      kernel.version += 1;
      kernel.selection = [];
      const nothing = query.includes("nothing");
      kernel.count = query ? mock.n : kernel.total;
      if (nothing) kernel.count = 0;
      const relaxations = nothing
        ? [
            ["-outdoors", 96],
            ["snow", 61],
            ["sharpness:>0.9", 4],
          ].map(([term, count]) => ({ term, query: "dog", count }))
        : undefined;
      return [{ ...overview(), ...(relaxations ? { relaxations } : {}) }];
    },
    select: (payload) => {
      if (payload.version !== kernel.version) fail("stale", "the order has changed since");
      kernel.selection = payload.all ? [[0, kernel.count]] : payload.ranges;
      return [{ version: kernel.version, count: overview().selection.count }];
    },
    complete: ({ text }) => [
      {
        version: kernel.version,
        options: [
          { name: `${text}py`, category: 0, count: 640, in_target: 1, alias: null, new: false },
          { name: `${text}pet`, category: 0, count: 3, in_target: 0, alias: null, new: false },
          { name: `${text}_(character)`, category: 4, count: 0, in_target: 0, alias: "pup-devil", new: false },
          { name: text, category: 0, count: 0, in_target: 0, alias: null, new: true },
        ],
      },
    ],
    search_complete: ({ text, cursor }) => {
      const from = text.slice(0, cursor).lastIndexOf(" ") + 1;
      const word = text.slice(from, cursor);
      const all = word.startsWith("order:")
        ? ["order:-sharpness", "order:-aesthetic", "order:name", "order:-stars"].map((t) => [t, "field", null])
        : [
            ["sharpness:", "field", null],
            ["snow", "tag", 1502],
            ["sks_dog", "tag", 412],
            ["OR", "operator", null],
          ];
      return [
        {
          version: kernel.version,
          options: all
            .filter(([t]) => t.startsWith(word))
            .map(([t, kind, count]) => ({ text: t, kind, label: t, count, from, to: cursor })),
        },
      ];
    },
    edit: ({ action, target, ...rest }) => {
      if (mock.fail) fail("error", "disk is full");
      const ids = idsOf(target);
      const before = ids.map((id) => [id, kernel.edits.get(id)]);
      const excluding =
        action === "exclude" || (action === "toggle_excluded" && !ids.every((id) => marks(id).flags & 1));
      for (const id of ids) {
        const now = { ...kernel.edits.get(id) };
        if (action === "stars") now.stars = rest.value;
        if (/exclu|include/.test(action)) now.excluded = excluding;
        kernel.edits.set(id, now);
      }
      const images = ids.length === 1 ? "1 image" : `${ids.length} images`;
      const words = {
        stars: `Rated ${images} ${rest.value}`,
        "tags.add": `Tagged ${images} ${rest.names}`,
        "dataset.add": `Added ${images} to ${rest.name}`,
      };
      const text = words[action] ?? `${excluding ? "Excluded" : "Included"} ${images}`;
      kernel.undo.push({ message: text, before });
      kernel.redo = [];
      kernel.log.push(text);
      const affected = Object.fromEntries(ids.map((id) => [id, marks(id)]));
      setTimeout(() => kernel.changed({ kinds: ["stars", "excluded"], images: ids }), 20);
      return [
        {
          version: kernel.version,
          message: text,
          count: ids.length,
          operation: kernel.undo.length,
          can_undo: message(kernel.undo),
          can_redo: null,
          affected,
        },
      ];
    },
    undo: () => {
      const step = kernel.undo.pop() ?? fail("error", "nothing to undo");
      for (const [id, was] of step.before) kernel.edits.set(id, was ?? {});
      kernel.redo.push(step);
      return [
        {
          version: kernel.version,
          message: `Undone: ${step.message[0].toLowerCase()}${step.message.slice(1)}`,
          can_undo: message(kernel.undo),
          can_redo: message(kernel.redo),
        },
      ];
    },
    redo: () => {
      const step = kernel.redo.pop() ?? fail("error", "nothing to redo");
      kernel.undo.push(step);
      return [
        {
          version: kernel.version,
          message: `Redone: ${step.message}`,
          can_undo: message(kernel.undo),
          can_redo: message(kernel.redo),
        },
      ];
    },
    setting: () => [{ version: kernel.version }],
    "job.cancel": () => [{ version: kernel.version }],
  };

  host.onSend(async (request, _buffers, reply) => {
    if (request.kind === "cancel" || kernel.silent) return;
    const handler = handlers[request.kind];
    try {
      if (!handler) fail("request", `the mock knows no request ${request.kind}`);
      const [ok, buffers] = await handler(request.payload);
      reply({ v: 1, id: request.id, ok }, buffers ?? []);
    } catch (error) {
      reply({ v: 1, id: request.id, error: error.wire ?? { kind: "error", message: String(error) } });
    }
  });
};
