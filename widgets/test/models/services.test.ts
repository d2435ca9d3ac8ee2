import { describe, expect, it } from "vitest";
import { answer, box, freshPages, last, model, offer, one, open, row, run, tick } from "./page.ts";
import {
  choose,
  FLUX,
  fact,
  field,
  MINI,
  options,
  picked,
  press,
  prompts,
  quote,
  quoted,
  service,
  type,
} from "./service-page.ts";

freshPages();

describe("the rows of services", () => {
  it("say where they are, and what this view costs once the kernel said it", async () => {
    await open([service(MINI), service("openai/odd"), service("studio/llava", { place: "studio:1234", own: true })]);
    const cells = (id: string) => box(id).querySelector(".mp-num")?.textContent;
    expect(box(MINI).querySelector(".mp-runs")?.textContent).toBe("OpenAI");
    expect(box("studio/llava").querySelector(".mp-runs")?.textContent).toBe("studio:1234");
    expect(cells(MINI)).toBe("");
    const prices = {
      [MINI]: { cost: 0.42, seconds: 350, send: 1221 },
      "openai/odd": { cost: null, seconds: null, send: 1221 },
      "studio/llava": { cost: 0, seconds: 30, send: 1221 },
    };
    await answer("models.prices", { prices, from: "Prices as of 2026-11-02, from your price file." });
    expect([cells(MINI), cells("openai/odd"), cells("studio/llava")]).toEqual([
      "$0.42 · 6 min",
      "price unknown",
      "free · 30 s",
    ]);
    expect(box(MINI).getAttribute("aria-label")).toContain("$0.42 · 6 min");
    expect(one(".mp-from").textContent).toBe("Prices as of 2026-11-02, from your price file.");
  });

  it("are grey where a server at one's own address does not answer, until it does", async () => {
    await open([service("studio/llava", { place: "studio:1234", own: true })]);
    box("studio/llava").click();
    expect(box("studio/llava").getAttribute("aria-checked")).toBe("true");
    await answer("models.silent", { silent: ["studio/llava"] });
    expect(box("studio/llava").getAttribute("aria-disabled")).toBe("true");
    expect(box("studio/llava").getAttribute("aria-checked")).toBe("false");
    expect(one(".mp-pill").textContent).toBe("Not answering");
    expect(one(".mp-remedy-text").textContent).toContain("Start the server at studio:1234.");
    press("Try again");
    await answer("models.silent", { silent: [] });
    expect(box("studio/llava").getAttribute("aria-disabled")).toBeNull();
  });

  it("ask no server for a list without one of one's own", async () => {
    await open([service(MINI), row("wd")]);
    expect(model.of("models.silent")).toHaveLength(0);
    expect(model.of("models.prices")).toHaveLength(1);
  });
});

describe("the quote", () => {
  it("is the confirmation: counts, tokens, cost, time, where it stops, what leaves the machine", async () => {
    await open([service(MINI)], { prompts });
    box(MINI).click();
    expect(run().textContent).toBe("Working out the price");
    expect(run().getAttribute("aria-disabled")).toBe("true");
    await tick(200);
    await answer("models.quote", quote());
    expect(fact("In view")).toBe("1,284 images");
    expect(fact("Already answered")).toBe("− 61");
    expect(fact("Refused before")).toBe("skip− 2");
    expect(fact("Outcome unknown")).toBe("");
    expect(fact("Withheld")).toBe("none");
    expect(fact("Will be sent")).toBe("1,221 images");
    expect(fact("Tokens")).toBe("1.04 M in · 0.12 M out");
    expect(fact("Cost")).toBe("about $0.42, at most $0.55");
    expect(fact("Time")).toBe("about 6 min");
    expect(field("Stop at").value).toBe("0.60");
    expect(one(".mp-quote .mp-note").textContent).toBe(
      "Leaves this machine: 1,221 images at up to 768 px, the prompt, no file names. Goes to OpenAI.",
    );
    expect(run().textContent).toBe("Send 1,221 images · $0.42");
    expect(run().getAttribute("aria-disabled")).toBeNull();
    expect(one(".lr-hidden").textContent).toContain("Send 1,221 images · $0.42");
  });

  it("is asked anew for another choice, the latest one wins, and an older price sends nothing", async () => {
    await picked();
    await choose("What happens to images refused before", "Send them again");
    expect(run().textContent).toBe("Working out the price");
    run().click();
    expect(model.of("models.run")).toHaveLength(0);
    const first = last("models.quote");
    await choose("Ratings that stay here", "questionable and explicit");
    expect(options("models.quote").wishes).toEqual({
      budget: null,
      refused: "send",
      unknown: "skip",
      withhold: ["questionable", "explicit"],
      batch: false,
    });
    model.ok(first, quote({ send: 9 }));
    await tick();
    expect(run().textContent).toBe("Working out the price");
    await answer("models.quote", quote({ send: 1200, withheld: 23, prohibited: 3, unrated: 40 }));
    expect(fact("Refused before")).toBe("send2");
    expect(fact("Never sent again")).toBe("− 3");
    expect(fact("Withheld")).toBe("questionable and explicit− 23");
    expect(one(".mp-notes").textContent).toContain("40 images without a rating would be sent");
    expect(run().textContent).toBe("Send 1,200 images · $0.42");
  });

  it("says of a batch that images stay there for a while", async () => {
    await picked({ hours: 24 });
    expect(one(".mp-quote .mp-note").textContent).toContain(
      "Goes to OpenAI, and stays there until the answers are fetched.",
    );
  });

  it("promises nothing of a server on this machine, which may send on", async () => {
    await open([service("studio/llava", { place: "localhost:1234", inside: true })], { prompts });
    box("studio/llava").click();
    await tick(200);
    const studio = quoted("studio/llava", { place: "localhost:1234" });
    await answer("models.quote", { ...studio, images: 1284, models: [studio] });
    expect(one(".mp-quote .mp-note").textContent).toBe(
      "Goes to localhost:1234 on this machine. What is sent on from there, lorairo cannot say.",
    );
  });

  it("says what it does not know, and that nothing costs nothing", async () => {
    await picked({ cost: null, at_most: null, tokens_out: null, seconds: null });
    expect(fact("Cost")).toBe("price unknown");
    expect(fact("Tokens")).toBe("1.04 M in · unknown out");
    expect(fact("Time")).toBe("not measured yet");
    expect(field("Stop at").value).toBe("");
    expect(run().textContent).toBe("Send 1,221 images · price unknown");
  });

  it("leaves nothing to press where nothing is left to send", async () => {
    await picked({ send: 0, cost: 0, at_most: 0, answered: 1282 });
    expect(run().textContent).toBe("Nothing is left to send");
    expect(run().getAttribute("aria-disabled")).toBe("true");
  });

  it("stops where somebody says, and takes no nonsense", async () => {
    await picked();
    type(field("Stop at"), "0,60");
    expect(run().textContent).toBe("Stop at is not an amount");
    expect(field("Stop at").getAttribute("aria-invalid")).toBe("true");
    type(field("Stop at"), "0.30");
    expect(one(".mp-notes").textContent).toBe("Stops before all of them are sent.");
    expect(run().textContent).toBe("Send 1,221 images · $0.42");
    expect(model.of("models.quote")).toHaveLength(1); // where it stops changes no price
    await answer("models", offer([service(MINI)], { prompts }));
    await tick(200);
    await answer("models.quote", quote({ at_most: 9 }));
    expect(field("Stop at").value).toBe("0.30");
    run().click();
    expect(options("models.run").wishes?.budget).toBe(0.3);
    expect(last("models.run").payload.quoted).toBe(1221);
  });

  it("costs half where answers may take a day", async () => {
    await picked();
    field("Answer within a day, half price").click();
    await tick(200);
    expect(options("models.quote").wishes?.batch).toBe(true);
    await answer("models.quote", quote({ cost: 0.21, at_most: 0.28, seconds: null, hours: 24 }));
    expect(fact("Time")).toBe("within a day");
    expect(run().textContent).toBe("Send 1,221 images · $0.21");
  });

  it("says why there is none", async () => {
    await open([service(MINI)], { prompts });
    box(MINI).click();
    await tick(200);
    model.fail(last("models.quote"), { kind: "error", message: "prices.toml is not TOML" });
    await tick();
    expect(one(".mp-quote .lr-bad").textContent).toBe("prices.toml is not TOML");
    expect(run().getAttribute("aria-disabled")).toBe("true");
  });

  it("leaves local models as they are: no quote is asked", async () => {
    await open([row("wd"), service(MINI)], { prompts });
    box("wd").click();
    await tick(200);
    expect(model.of("models.quote")).toHaveLength(0);
    expect(last("models.plan").payload.options).toEqual({ batch: null, floor: null, parameters: {} });
    expect(run().textContent).toBe("Run on 1,221 images");
    box(MINI).click();
    await tick(200);
    await answer("models.quote", quote());
    expect(last("models.quote").payload.models).toEqual([MINI]);
    expect(fact("On this machine")).toBe("1,221 images");
    expect(run().textContent).toBe("Run here, send 1,221 images · $0.42");
  });

  it("shows those refused before in the gallery", async () => {
    await picked();
    await choose("What happens to images refused before", "Show them in the gallery");
    expect(last("narrow").payload).toEqual({ change: { kind: "also", query: `refused:${MINI}` }, live: false });
  });
});

describe("prompts", () => {
  it("are chosen from a list; other words are another prompt", async () => {
    await picked();
    const list = one(".mp-list-entry") as HTMLSelectElement;
    expect([...list.options].map((option) => option.text)).toEqual([
      "caption: caption",
      "flux: caption, tags, for flux, hidream",
    ]);
    const asked = () => options("models.quote").parameters;
    list.value = "flux";
    list.dispatchEvent(new Event("change"));
    await tick(200);
    expect(asked()).toEqual({ [MINI]: { prompt: "flux" } });
    const words = one(".mp-text") as HTMLTextAreaElement;
    expect(words.value).toBe("In prose.");
    type(words, "In verse.");
    await tick(200);
    const { makes: _makes, ...rest } = FLUX;
    expect(asked()).toEqual({ [MINI]: { prompt: { ...rest, version: "edited", text: "In verse." } } });
    list.value = "caption";
    list.dispatchEvent(new Event("change"));
    await tick(200);
    expect(asked()).toEqual({});
    type(field("Trigger"), "ohwx dog");
    await tick(200);
    expect(asked()).toEqual({ [MINI]: { trigger: "ohwx dog" } });
  });
});
