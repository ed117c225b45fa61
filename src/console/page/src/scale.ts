// Round numbers for the axes of a plot.

// 0, and up to about `steps` round numbers, the last of which is not below `most`.
export function ticks(most: number, steps = 4, whole = false): number[] {
  if (most <= 0) return [0, 1];
  const rough = most / steps;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((each) => each * power >= rough) ?? 10;
  const step = whole ? Math.max(1, Math.round(factor * power)) : factor * power;
  const all = [0];
  while ((all.at(-1) ?? 0) < most) all.push(all.length * step);
  return all;
}

const second = 1000;
const lengths = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400, 172800, 604800].map((seconds) => seconds * second);
// For times, whose round numbers are those of a clock.
export function timeTicks(most: number, steps = 4): number[] {
  if (most < steps * second) return ticks(most, steps);
  const step = lengths.find((each) => each * steps >= most) ?? ticks(most, steps)[1] ?? most;
  const all = [0];
  while ((all.at(-1) ?? 0) < most) all.push(all.length * step);
  return all;
}
