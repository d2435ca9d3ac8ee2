import { describe, expect, it, vi } from "vitest";
import { Channel } from "../../src/channel.ts";
import { models } from "../../src/components/models/models.ts";
import type { Hello } from "../../src/protocol.ts";
import { Cleanup, Signal } from "../../src/signal.ts";
import {
  answer,
  box,
  disposeWith,
  el,
  event,
  freshPages,
  job,
  last,
  model,
  offer,
  one,
  open,
  past,
  run,
  tick,
} from "./page.ts";
import { account, MINI, picked, press, prompts, quote, service, type } from "./service-page.ts";

freshPages();

describe("a run of services", () => {
  async function sent(): Promise<void> {
    await picked();
    run().click();
    run().click();
    expect(model.of("models.run")).toHaveLength(1);
    await answer("models.run", { job: job({ label: MINI, account: account({ refused: [] }) }), code: "view" });
    await answer("models", offer([service(MINI)], { prompts }));
  }

  it("becomes the job, with its cost so far; another press starts nothing", async () => {
    await sent();
    expect(one(".mp-side-head").textContent).toBe("Running");
    const told = { label: MINI, done: 600, failed: 3, rate: 3.1, seconds_left: 200 };
    event("job", job({ ...told, account: account({ cost: 0.21, failed: 1 }) }));
    expect(one(".mp-run").textContent).toContain(
      "600 of 1,2213.1 images a second · 4 min left$0.21 so far2 refused, 1 failed",
    );
    await tick(500);
    expect(model.of("models.quote")).toHaveLength(1); // not while it runs
  });

  it("keeps the keyboard when its button goes, where another press does nothing", async () => {
    await picked();
    run().focus();
    run().click();
    await answer("models.run", { job: job({ label: MINI }), code: "view" });
    expect(document.activeElement).toBe(one(".mp-side"));
  });

  it("says what it came to, whom to ask for what was refused, and never in red", async () => {
    await sent();
    const done = { label: MINI, state: "done", done: 1221, failed: 2, account: account() } as const;
    event("job", job(done));
    await answer(
      "models",
      offer([service(MINI)], { prompts, jobs: [past({ ...done, total: 1221, resumable: true })] }),
    );
    const latest = one(".mp-latest");
    expect(latest.textContent).toContain("1,219 answered, 2 refused, $0.39");
    expect(latest.textContent).toContain("openai refused 2 images: content policy.");
    expect(latest.querySelector(".lr-bad")).toBeNull();
    expect(one(".lr-strip").textContent).toContain("openai refused 2 images: content policy.");
    press("Show");
    expect(last("narrow").payload.change).toEqual({ kind: "also", query: "refused:openai" });
    press("Use another model");
    expect(box(MINI).getAttribute("aria-checked")).toBe("false");
    expect(document.activeElement).toBe(box(MINI));
  });

  it("stops at its budget and goes on with another one", async () => {
    await sent();
    const stopped = {
      label: "Stopped at $0.60. 1,204 of 1,221 captioned.",
      state: "stopped",
      done: 1204,
      account: account({ cost: 0.598, refused: [] }),
    } as const;
    event("job", job(stopped));
    const run = past({ ...stopped, label: MINI, total: 1221, resumable: true, budget: 0.6 });
    await answer("models", offer([service(MINI)], { prompts, jobs: [run] }));
    expect(one(".mp-latest").textContent).toContain("Stopped at $0.60. 1,204 of 1,221 captioned.");
    const budget = one('[aria-label="Another budget, US dollars"]') as HTMLInputElement;
    expect(budget.value).toBe("0.65");
    type(budget, "no");
    press("Resume with another budget");
    expect(model.of("job.resume")).toHaveLength(0);
    type(budget, "2");
    press("Resume with another budget");
    expect(last("job.resume").payload).toEqual({ id: 7, budget: 2 });
  });

  it("names what nobody knows after a kernel died, and lets decide", async () => {
    const lost = past({
      state: "interrupted",
      label: MINI,
      done: 40,
      resumable: true,
      account: account({ unknown: 3 }),
    });
    await open([service(MINI)], { prompts, jobs: [lost] });
    expect(one(".mp-past").textContent).toContain("3 images were under way when the kernel died");
    press("Resume and send again");
    expect(last("job.resume").payload).toEqual({ id: 7, unknown: "send" });
  });

  it("is listed with the others under way, and each can be stopped", async () => {
    await sent();
    event("job", job({ label: MINI, others: 2 }));
    const others = [job({ id: 5, label: "wd", done: 3 }), job({ id: 6, label: "blip", state: "stopping" })];
    await answer("jobs", { jobs: [...others, job({ label: MINI })] });
    expect(one(".mp-others").textContent).toBe("2 other runs under waywd3 of 1,221StopblipStopping");
    expect(one(".lr-strip").textContent).toContain("+2");
    press("Stop");
    expect(last("job.cancel").payload).toEqual({ id: 5 });
  });
});

describe("the surroundings", () => {
  it("hear what a press would cost", async () => {
    const cleanup = new Cleanup();
    disposeWith(() => cleanup.dispose());
    const channel = new Channel(model);
    const priced = vi.fn();
    const around = {
      hello: new Signal<Hello | null>(null),
      toast: vi.fn(),
      say: vi.fn(),
      leave: vi.fn(),
      searched: vi.fn(),
      priced,
    };
    el.append(models(channel, cleanup, around).element);
    await answer("models", offer([service(MINI)], { prompts }));
    box(MINI).click();
    await tick(200);
    await answer("models.quote", quote());
    expect(priced).toHaveBeenLastCalledWith("$0.42");
    box(MINI).click();
    expect(priced).toHaveBeenLastCalledWith(null);
    channel.close();
  });
});
