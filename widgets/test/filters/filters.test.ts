import { describe, expect, it } from "vitest";
import { eachTest, facet, histogram, kernelOf, open, point, press, release, settle } from "./page.ts";

eachTest();

const TAGS = [facet("dog"), facet("park", { category: 4 }), facet("blurry", { count: 0, total: 3 })];

describe("a brush", () => {
  it("follows the pointer at once, narrows live while it is dragged, and for good on release", async () => {
    const model = kernelOf(TAGS);
    const view = open(model);
    await settle();
    const plot = view.one(".lf-plot");
    model.handlers.delete("narrow"); // the kernel is slow
    point(plot, "pointerdown", 0.4);
    for (const at of [0.5, 0.6, 0.7, 0.8]) point(plot, "pointermove", at);
    expect(view.one(".lf-words").textContent).toBe("0.4 to 0.8");
    expect(view.one(".lf-area").style.left).toBe("40%");
    point(plot, "pointerup", 0.8);
    const [first] = model.asked.filter((ask) => ask.kind === "narrow");
    expect(first?.payload).toMatchObject({
      change: { kind: "range", column: "sharpness", low: 0.4, high: 0.5 },
      live: true,
    });
    expect(model.of("narrow")).toHaveLength(1); // one at a time
    if (first) model.reply(first, { count: 12, total: 40, query: "", order: "" });
    await settle();
    expect(model.of("narrow").at(-1)).toMatchObject({
      change: { kind: "range", column: "sharpness", low: 0.4, high: 0.8 },
      live: false,
    });
    expect(model.of("narrow")).toHaveLength(2); // what the drag passed on its way is not asked
  });

  it("has the bars of after the change from the answer to it, and asks for them where that brings none", async () => {
    const model = kernelOf(TAGS);
    const view = open(model);
    await settle();
    const asked = model.of("histograms").length;
    const after = histogram({ range: { low: 0.5, high: null }, median: 0.61 });
    model.handlers.set("narrow", () => ({
      ...{ count: 12, total: 40, query: "sharpness:>=0.5", order: "" },
      histograms: { histograms: [after], available: ["sharpness"] },
    }));
    const plot = view.one(".lf-plot");
    point(plot, "pointerdown", 0.5);
    point(plot, "pointermove", 1);
    point(plot, "pointerup", 1);
    await settle();
    expect(model.of("narrow").at(-1)).toMatchObject({ histograms: { columns: [], bins: 36 } });
    expect(view.el.textContent).toContain("median 0.61");
    expect(model.of("histograms")).toHaveLength(asked);
    model.handlers.set("narrow", () => ({ count: 40, total: 40, query: "", order: "" }));
    plot.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    await settle();
    expect(model.of("histograms")).toHaveLength(asked + 1);
  });

  it("is moved, resized and cleared by pointer", async () => {
    const model = kernelOf(TAGS, [histogram({ range: { low: 0.4, high: 0.8 } })]);
    const view = open(model);
    await settle();
    const plot = view.one(".lf-plot");
    const drag = (from: number, to: number) => {
      point(plot, "pointerdown", from);
      point(plot, "pointermove", to);
      point(plot, "pointerup", to);
    };
    drag(0.6, 0.7);
    expect(view.one(".lf-words").textContent).toBe("0.5 to 0.9");
    drag(0.5, 0.2);
    expect(view.one(".lf-words").textContent).toBe("0.2 to 0.9");
    plot.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    expect(view.one(".lf-range").hidden).toBe(true);
    await settle();
    expect(model.of("narrow").at(-1)).toMatchObject({
      change: { kind: "range", column: "sharpness", low: null, high: null },
      live: false,
    });
  });

  it("moves by keys on its grips, one bin or ten, to the ends, and says where it is", async () => {
    const model = kernelOf(TAGS);
    const view = open(model);
    await settle();
    const low = view.one("[aria-label='sharpness, from']");
    press(low, "ArrowRight");
    press(low, "ArrowRight");
    expect(view.one(".lf-words").textContent).toBe("> 0.2");
    const high = view.one("[aria-label='sharpness, up to']");
    press(high, "ArrowLeft", { shiftKey: true });
    expect(view.one(".lf-words").textContent).toBe("0.2"); // not below the other end
    press(high, "ArrowRight", { shiftKey: true });
    release(high, "ArrowRight");
    await settle();
    expect(model.of("narrow").at(-1)).toMatchObject({
      change: { kind: "range", column: "sharpness", low: 0.2, high: null },
      live: false,
    });
    press(low, "ArrowRight");
    press(high, "End");
    press(low, "Home");
    release(low, "Home");
    expect(view.one(".lf-range").hidden).toBe(true);
    expect(low.getAttribute("aria-valuetext")).toBe("sharpness from 0.0, 40 images");
  });

  it("is one tab stop: up and down go from grip to grip and move neither", async () => {
    const model = kernelOf(TAGS);
    const view = open(model);
    await settle();
    const low = view.one("[aria-label='sharpness, from']");
    const high = view.one("[aria-label='sharpness, up to']");
    expect([low.tabIndex, high.tabIndex]).toEqual([0, -1]);
    low.focus();
    press(low, "ArrowUp");
    expect(document.activeElement).toBe(high);
    expect([low.tabIndex, high.tabIndex]).toEqual([-1, 0]);
    press(high, "ArrowDown");
    expect(document.activeElement).toBe(low);
    await settle();
    expect(model.of("narrow")).toEqual([]);
  });

  it("is moved by a cell, and not under somebody's hand", async () => {
    const shown = [histogram()];
    const model = kernelOf(TAGS, shown);
    const view = open(model);
    await settle();
    shown[0] = histogram({ range: { low: 0.3, high: null } });
    model.event("changed", { kinds: [], count: 3, total: 40 });
    await settle();
    expect(view.one(".lf-words").textContent).toBe("> 0.3");
    const plot = view.one(".lf-plot");
    point(plot, "pointerdown", 0.3);
    point(plot, "pointermove", 0.5);
    model.event("changed", { kinds: [], count: 3, total: 40 });
    await settle();
    expect(view.one(".lf-words").textContent).toBe("> 0.5");
  });

  it("takes a range that is typed, and keeps one it cannot read for correction", async () => {
    const model = kernelOf(TAGS, [histogram({ range: { low: 0.3, high: null } })]);
    const view = open(model);
    await settle();
    view.one(".lf-words").click();
    const input = view.one<HTMLInputElement>(".lf-type");
    expect(input.value).toBe("> 0.3");
    input.value = "a lot";
    press(input, "Enter");
    expect(input.getAttribute("aria-invalid")).toBe("true");
    input.value = "0.25 to 0.5";
    press(input, "Enter");
    expect(input.hidden).toBe(true);
    expect(model.of("narrow").at(-1)?.change).toEqual({ kind: "range", column: "sharpness", low: 0.25, high: 0.5 });
  });

  it("goes back to what is true when the kernel refuses, and says why", async () => {
    const model = kernelOf(TAGS);
    const view = open(model);
    await settle();
    model.handlers.set("narrow", () => ({ error: "the disk is full" }));
    const plot = view.one(".lf-plot");
    point(plot, "pointerdown", 0.3);
    point(plot, "pointermove", 0.5);
    point(plot, "pointerup", 0.5);
    await settle();
    expect(view.one(".lf-range").hidden).toBe(true);
    expect(view.one(".lr-toast").textContent).toContain("the disk is full");
  });

  it("says that nothing is scored where no image has a value", async () => {
    const view = open(kernelOf(TAGS, [histogram({ known: 0, total: [], others: [], passed: [] })]));
    await settle();
    expect(view.one(".lf-unknown").textContent).toBe("Not scored");
    expect(view.one(".lf-plot").hidden).toBe(true);
  });

  it("marks the limit of tokens", async () => {
    const tokens = histogram({ column: "tokens", integer: true, max: 149, width: 15, limit: 75 });
    const view = open(kernelOf(TAGS, [tokens]));
    await settle();
    expect(view.one(".lf-numbers").textContent).toContain("75 limit");
    expect(view.one(".lf-plot .lf-limit").getAttribute("d")).toMatch(/^M30/);
  });
});

describe("histograms", () => {
  it("are as high as the project remembers, and go from square roots to linear to logarithms", async () => {
    const model = kernelOf(TAGS, [histogram({ passed: [1, 100], others: [1, 100], total: [1, 100], width: 0.5 })]);
    const asked = model.handlers.get("histograms");
    model.handlers.set("histograms", (...given) => ({ ...asked?.(...given), scale: "linear" }));
    const view = open(model);
    await settle();
    const lowest = (): number => Number(/v-([\d.]+)/.exec(view.one(".lf-bar-passed").getAttribute("d") ?? "")?.[1]);
    const button = view.one("[title^='Heights of the bars']");
    expect([button.textContent, lowest()]).toEqual(["linear", 1]);
    button.click();
    await settle();
    expect(button.textContent).toBe("log");
    expect(lowest()).toBeCloseTo((37 * Math.log(2)) / Math.log(101), 1);
    button.click();
    await settle();
    expect([button.textContent, lowest()]).toEqual(["root", 3.7]);
    expect(model.of("setting").map(({ value }) => value)).toEqual(["log", "root"]);
  });

  it("are added and taken away by the menu, and remembered", async () => {
    const model = kernelOf(TAGS);
    const view = open(model);
    await settle();
    view.one("[aria-label='Add a score']").click();
    const items = view.all("[role=menuitemradio]");
    expect(items.map((item) => [item.textContent, item.getAttribute("aria-checked")])).toEqual([
      ["sharpness", "true"],
      ["aspect", "false"],
      ["tags", "false"],
    ]);
    items[1]?.click();
    await settle();
    expect(model.of("setting")).toEqual([{ key: "histograms", value: ["sharpness", "aspect"] }]);
    expect(model.of("histograms").at(-1)).toEqual({ columns: ["sharpness", "aspect"], bins: 36 });
  });
});

describe("the list of tags", () => {
  it("includes on a click, excludes with Shift or Alt, lets go on the next, and shows it before the kernel says so", async () => {
    const model = kernelOf(TAGS);
    const view = open(model);
    await settle();
    model.handlers.delete("narrow");
    view.row("dog").click();
    expect(view.row("dog").getAttribute("aria-checked")).toBe("true");
    view.row("dog").click();
    expect(view.row("dog").getAttribute("aria-checked")).toBe("false");
    view.row("park").dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: true }));
    expect(view.row("park").getAttribute("aria-checked")).toBe("mixed");
    expect(view.row("park").getAttribute("aria-label")).toContain("excluded");
    for (let ask = 0; ask < 3; ask += 1) {
      const last = model.asked.filter(({ kind }) => kind === "narrow").at(-1);
      if (last) model.reply(last, { count: 1, total: 40, query: "", order: "" });
      await settle();
    }
    expect(model.of("narrow").map(({ change }) => change)).toEqual([
      { kind: "tag", name: "dog", state: "include" },
      { kind: "tag", name: "dog", state: null },
      { kind: "tag", name: "park", state: "exclude" },
    ]);
  });

  it("takes only one tag with Ctrl", async () => {
    const model = kernelOf([facet("dog", { state: "include" }), facet("park")]);
    const view = open(model);
    await settle();
    view.row("park").dispatchEvent(new MouseEvent("click", { bubbles: true, ctrlKey: true }));
    expect(view.row("dog").getAttribute("aria-checked")).toBe("false");
    expect(view.row("park").getAttribute("aria-checked")).toBe("true");
    expect(model.of("narrow").at(-1)?.change).toEqual({ kind: "tag", name: "park", state: "only" });
  });

  it("works by keyboard: F, arrows, Space, minus", async () => {
    const model = kernelOf(TAGS);
    const view = open(model);
    await settle();
    press(view.one(".lr"), "f");
    expect(document.activeElement).toBe(view.one(".lf-filter input"));
    press(view.one(".lf-filter input"), "ArrowDown");
    const list = view.one(".lf-list");
    expect(document.activeElement).toBe(list);
    press(list, "ArrowDown");
    expect(list.getAttribute("aria-activedescendant")).toBe(view.row("park").id);
    press(list, " ");
    press(list, "End");
    press(list, "-");
    await settle();
    expect(model.of("narrow").map(({ change }) => change)).toEqual([
      { kind: "tag", name: "park", state: "include" },
      { kind: "tag", name: "blurry", state: "exclude" },
    ]);
  });

  it("keeps its order while the pointer is over it", async () => {
    const model = kernelOf(TAGS);
    const view = open(model);
    await settle();
    const list = view.one(".lf-list");
    list.dispatchEvent(new PointerEvent("pointerenter"));
    model.event("changed", { kinds: ["tags"], count: 3, total: 40 });
    await settle();
    expect(model.of("facets").at(-1)?.keep).toBe(true);
    list.dispatchEvent(new PointerEvent("pointerleave"));
    await settle();
    expect(model.of("facets").at(-1)?.keep).toBe(false);
  });

  it("holds rows for what is in sight and asks for more when scrolled: ten thousand tags", async () => {
    const many = Array.from({ length: 10_000 }, (_, number) => facet(`tag_${number}`));
    const model = kernelOf(many);
    const view = open(model);
    await settle(50);
    expect(view.all(".lf-facet").length).toBeLessThan(40);
    expect(view.one(".lf-facets-head").textContent).toContain("10,000");
    const list = view.one(".lf-list");
    list.scrollTop = 24 * 9000;
    list.dispatchEvent(new Event("scroll"));
    await settle(50);
    expect(view.row("tag_9003").textContent).toContain("tag_9003");
    expect(view.all(".lf-facet").length).toBeLessThan(40);
  });

  it("filters, orders, and says when there is nothing", async () => {
    const model = kernelOf(TAGS);
    const view = open(model);
    await settle();
    const input = view.one<HTMLInputElement>(".lf-filter input");
    input.value = "zebra";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await settle(200);
    expect(view.one(".lf-none").textContent).toBe("No tag has zebra in its name.");
    press(input, "Escape");
    await settle();
    expect(view.one(".lf-none").hidden).toBe(true);
    view.one(".lf-order").click();
    view.all("[role=menuitemradio]")[3]?.click();
    await settle();
    expect(model.of("facets").at(-1)?.order).toBe("split");
    expect(view.one(".lf-order").textContent).toBe("by split");
  });

  it("shows names as text", async () => {
    const view = open(kernelOf([facet("<img_src=x>")]));
    await settle();
    expect(view.one(".lf-tag").textContent).toBe("<img_src=x>");
    expect(view.all(".lf-facet img")).toHaveLength(0);
  });

  it("clears everything with the button that counts the terms", async () => {
    const model = kernelOf([facet("dog", { state: "include" })]);
    const view = open(model);
    await settle();
    const clear = view.all(".lf-head button")[0];
    expect(clear?.textContent).toBe("Clear 1");
    clear?.click();
    expect(model.of("narrow")).toMatchObject([{ change: { kind: "clear" }, live: false }]);
  });
});
