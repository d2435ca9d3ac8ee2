// Numbers and names as the interface writes them.

const NUMBER = new Intl.NumberFormat("en-US");

/** 98412 -> "98,412". */
export function number(value: number): string {
  return NUMBER.format(value);
}

/** "1 image", "1,284 images". */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${number(value)} ${value === 1 ? singular : plural}`;
}

/** A long name cut in the middle, where names of files differ least: "DSC_2041 c…py.jpg". */
export function middleCut(text: string, limit: number): string {
  const points = [...text];
  if (points.length <= limit) return text;
  const tail = Math.floor((limit - 1) / 3);
  return `${points.slice(0, limit - 1 - tail).join("")}…${points.slice(points.length - tail).join("")}`;
}

/** "14:31", in the reader's own clock. */
export function clock(time: Date): string {
  return `${String(time.getHours()).padStart(2, "0")}:${String(time.getMinutes()).padStart(2, "0")}`;
}

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const DAY_AND_YEAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "2-digit" });

/** When something was, in the reader's own clock: "14:31" today, else "3 Nov", in another year "3 Nov 25". */
export function moment(time: Date, now = new Date()): string {
  if (time.toDateString() === now.toDateString()) return clock(time);
  return (time.getFullYear() === now.getFullYear() ? DAY : DAY_AND_YEAR).format(time);
}

/** "38 s", "3 min", "2 h": rounded up, so that it never promises too much. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} min`;
  return `${Math.ceil(seconds / 3600)} h`;
}

export function timeLeft(seconds: number): string {
  return `${duration(seconds)} left`;
}

const CENTS = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const FINE = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 2 });
const COARSE = 0.1;

/** "$0.42", "$1,204.50"; below ten cents as fine as it says something: "$0.013". What is more than nothing never reads 0. */
export function dollars(value: number): string {
  return `$${value <= 0 || value >= COARSE ? CENTS.format(value) : FINE.format(value).replace(/^0\.1$/, "0.10")}`;
}
