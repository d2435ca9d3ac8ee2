import { type Channel, isAbort, KernelError } from "../../channel.ts";
import { counted } from "../../format.ts";
import type { Around } from "../../part.ts";
import type { ModelKinds, ModelRow, ModelTarget, RunOptions, Wishes } from "../../protocol/models.ts";
import type { Job, Ok } from "../../protocol.ts";
import { type Cleanup, type Dispose, Signal } from "../../signal.ts";
import { pickedRows } from "./wording.ts";

const CALM_MS = 300;
/** While a run changes images all the time, the counts follow slowly. */
const RUNNING_CALM_MS = 2000;
/** Somebody picks or types: asked once they pause. */
const PLAN_CALM_MS = 150;
export const NO_WISHES: Wishes = { budget: null, refused: "skip", unknown: "skip", withhold: [], batch: false };
const NO_OPTIONS: RunOptions = { batch: null, floor: null, parameters: {} };

export type Offer = ModelKinds["models"]["ok"];
export type Failures = ModelKinds["job.errors"]["ok"];
/** What a run would be, or why it cannot be. */
export type Planned = ModelKinds["models.plan"]["ok"] | { refused: string };

export type RunningJob = Job & { state: "running" | "stopping" };

export function isRunning(job: Job | null): job is RunningJob {
  return job !== null && (job.state === "running" || job.state === "stopping");
}

/** What the picker knows: the kernel's offer, what is picked, the run under way. */
export class Session {
  readonly channel: Channel;
  readonly around: Around;
  /** Null until the kernel said what there is for this target. */
  readonly offer = new Signal<Offer | null>(null);
  readonly target = new Signal<ModelTarget>("shown");
  readonly picked = new Signal<ReadonlySet<string>>(new Set());
  readonly options = new Signal<RunOptions>(NO_OPTIONS);
  /** Null until the kernel said it of what is picked and asked now. */
  readonly planned = new Signal<Planned | null>(null);
  /** The newest run of this kernel. */
  readonly job = new Signal<Job | null>(null);
  /** The line of code for a run that was started here. */
  readonly code = new Signal<{ id: Job["id"]; line: string } | null>(null);
  /** Between a press and its answer. */
  readonly asking = new Signal(false);
  readonly #cleanup: Cleanup;
  /** Events of jobs until now: an answer that left before one of them is older. */
  readonly #heard = new Map<Job["id"], number>();
  #request: AbortController | null = null;
  #due: Dispose | null = null;
  #planDue: Dispose | null = null;
  #planning: AbortController | null = null;
  #stale = false;
  #paused = false;

  constructor(channel: Channel, cleanup: Cleanup, around: Around) {
    this.channel = channel;
    this.around = around;
    this.#cleanup = cleanup;
    cleanup.add(channel.on("changed", () => this.#later()));
    cleanup.add(
      channel.on("job", (job) => {
        this.#heard.set(job.id, (this.#heard.get(job.id) ?? 0) + 1);
        this.#follow(job);
      }),
    );
    cleanup.add(
      around.hello.subscribe((hello) => {
        if (hello?.job && this.job.value === null) this.job.value = hello.job;
      }, true),
    );
    cleanup.add(this.picked.subscribe(() => this.#replan(true)));
    let { parameters } = this.options.value;
    cleanup.add(
      this.options.subscribe((options) => {
        this.#replan(options.parameters !== parameters);
        parameters = options.parameters;
      }),
    );
    cleanup.add(this.offer.subscribe(() => this.#replan(false)));
    cleanup.add(() => {
      this.#request?.abort();
      this.#planning?.abort();
    });
  }

  get readonly(): boolean {
    return this.around.hello.value?.readonly ?? false;
  }

  /** The models that are picked, with what they have left to do when asked as they will be. */
  get rows(): ModelRow[] {
    const rows = pickedRows(this.offer.value, this.picked.value);
    const planned = this.planned.value;
    if (planned === null || "refused" in planned) return rows;
    return rows.map((row, place) => ({ ...row, todo: planned.todo[place] ?? row.todo }));
  }

  /** The services among them. */
  get services(): ModelRow[] {
    return this.rows.filter((row) => row.service !== null);
  }

  /** Nobody sees the picker: it asks when it is seen again. */
  set paused(paused: boolean) {
    this.#paused = paused;
    if (!paused && this.#stale) void this.refresh();
  }

  aim(target: ModelTarget): void {
    if (target === this.target.value) return;
    this.offer.value = null;
    this.target.value = target;
    void this.refresh();
  }

  pick(id: string, on: boolean): void {
    const next = new Set(this.picked.value);
    if (on) next.add(id);
    else next.delete(id);
    this.picked.value = next;
  }

  /** Takes models out of what is picked. */
  drop(ids: ReadonlySet<string>): void {
    const kept = [...this.picked.value].filter((id) => !ids.has(id));
    if (kept.length < this.picked.value.size) this.picked.value = new Set(kept);
  }

  /** Asks what there is now; an earlier question is dropped. */
  async refresh(): Promise<void> {
    this.#due?.();
    this.#due = null;
    this.#stale = false;
    this.#request?.abort();
    const request = new AbortController();
    this.#request = request;
    try {
      const { ok } = await this.channel.request("models", { target: this.target.value }, request.signal);
      this.#take(ok);
    } catch (error) {
      this.refused(error);
    } finally {
      if (this.#request === request) this.#request = null;
      if (this.#stale) this.#later();
    }
  }

  /** Starts the run; one of services only where it sends no more than `quoted`. */
  async run(quoted: number | null = null): Promise<void> {
    await this.#start(async () => {
      const asked = this.asked();
      const { ok } = await this.channel.request("models.run", quoted === null ? asked : { ...asked, quoted });
      this.code.value = { id: ok.job.id, line: ok.code };
      return ok;
    });
  }

  /** Goes on with a run, its wishes others from now on where some are named. */
  async resume(id: number, wishes: { budget?: number; unknown?: "send" } = {}): Promise<void> {
    await this.#start(async () => (await this.channel.request("job.resume", { id, ...wishes })).ok);
  }

  async stop(id: Job["id"]): Promise<void> {
    try {
      await this.channel.request("job.cancel", { id });
    } catch (error) {
      this.refused(error);
      void this.refresh();
    }
  }

  /** What a run could not do; null where the kernel refused to say. */
  async failures(id: Job["id"]): Promise<Failures | null> {
    try {
      return (await this.channel.request("job.errors", { id })).ok;
    } catch (error) {
      this.refused(error);
      return null;
    }
  }

  /** Says what was done, with what takes it back. */
  told(message: string): void {
    this.around.toast(message, { label: "Undo", run: () => void this.#undo() });
  }

  refused(error: unknown): void {
    if (!isAbort(error) && !this.#cleanup.done) this.around.toast(textOf(error), null, true);
  }

  async #undo(): Promise<void> {
    try {
      const { ok } = await this.channel.request("undo", {});
      this.around.toast(ok.message);
    } catch (error) {
      this.refused(error);
    }
    void this.refresh();
  }

  async #start(ask: () => Promise<{ job: Job }>): Promise<void> {
    if (this.asking.value) return;
    this.asking.value = true;
    const heard = new Map(this.#heard);
    try {
      const { job } = await ask();
      if (this.#heard.get(job.id) === heard.get(job.id)) this.#follow(job);
      this.around.say(`${job.label}: ${counted(job.total ?? 0, "image")} to go`);
    } catch (error) {
      this.refused(error);
    } finally {
      this.asking.value = false;
      void this.refresh();
    }
  }

  #follow(job: Job): void {
    const before = this.job.value;
    this.job.value = job;
    if (isRunning(job) || !(isRunning(before) && before.id === job.id)) return;
    this.around.say(job.label);
    void this.refresh();
  }

  #take(ok: Ok<"models">): void {
    const able = new Set(ok.rows.filter((row) => row.available).map((row) => row.id));
    this.drop(new Set([...this.picked.value].filter((id) => !able.has(id))));
    this.offer.value = ok;
  }

  /** In the order of the list, whichever was picked first; ways to ask are those of models that are picked. */
  asked(rows = pickedRows(this.offer.value, this.picked.value)): ModelKinds["models.run"]["ask"] {
    const models = rows.map((row) => row.id);
    const { parameters, wishes, ...rest } = this.options.value;
    const own = Object.entries(parameters).filter(([id, way]) => models.includes(id) && Object.keys(way).length > 0);
    const options: RunOptions = { ...rest, parameters: Object.fromEntries(own) };
    if (wishes && rows.some((row) => row.service !== null)) options.wishes = wishes;
    return { models, target: this.target.value, options };
  }

  /** What was planned for other models or options is forgotten at once; what only may have moved on is shown on. */
  #replan(other: boolean): void {
    this.#planning?.abort();
    this.#planDue?.();
    this.#planDue = null;
    if (other || this.offer.value === null) this.planned.value = null;
    if (this.offer.value === null || this.picked.value.size === 0) return;
    this.#planDue = this.#cleanup.after(PLAN_CALM_MS, () => this.#plan());
  }

  async #plan(): Promise<void> {
    const request = new AbortController();
    this.#planning = request;
    try {
      this.planned.value = (await this.channel.request("models.plan", this.asked(), request.signal)).ok;
    } catch (error) {
      if (!isAbort(error)) this.planned.value = { refused: textOf(error) };
    }
  }

  #later(): void {
    this.#stale = true;
    if (this.#due !== null || this.#request !== null || this.#paused) return;
    this.#due = this.#cleanup.after(isRunning(this.job.value) ? RUNNING_CALM_MS : CALM_MS, () => this.refresh());
  }
}

export function textOf(error: unknown): string {
  return error instanceof KernelError || error instanceof Error ? error.message : String(error);
}
