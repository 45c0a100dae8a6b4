export interface Curve {
  name: string;
  points: { x: number; y: number }[];
}

const width = 640;
const height = 360;
const margin = { left: 70, right: 130, top: 20, bottom: 45 };
const colours = ['#0b6e99', '#c2410c', '#4d7c0f', '#7e22ce'];

/** Curves on two logarithmic axes, as SVG: a cost that grows with the size is a straight line. */
export function chart(curves: readonly Curve[], axes: { x: string; y: string }): string {
  const points = curves.flatMap((curve) => curve.points).filter(({ x, y }) => x > 0 && y > 0);
  const x = scale(
    points.map((point) => point.x),
    margin.left,
    width - margin.right,
  );
  const y = scale(
    points.map((point) => point.y),
    height - margin.bottom,
    margin.top,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...x.ticks.map((tick) => text(x.at(tick), height - margin.bottom + 18, 'middle', spoken(tick))),
    ...y.ticks.map(
      (tick) => rule(y.at(tick)) + text(margin.left - 8, y.at(tick) + 4, 'end', spoken(tick)),
    ),
    text((margin.left + width - margin.right) / 2, height - 8, 'middle', axes.x),
    text(margin.left, 14, 'end', axes.y),
    ...curves.map((curve, index) =>
      draw(curve, colours[index % colours.length] ?? 'black', x.at, y.at),
    ),
    '</svg>',
    '',
  ].join('\n');
}

/** From one power of ten around the values to the next. */
export function scale(values: readonly number[], from: number, to: number) {
  const least = Math.floor(Math.log10(Math.min(...values)));
  const greatest = Math.max(least + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    ticks: Array.from({ length: greatest - least + 1 }, (_, index) => 10 ** (least + index)),
    at: (value: number) => from + ((Math.log10(value) - least) / (greatest - least)) * (to - from),
  };
}

type At = (value: number) => number;

function draw({ name, points }: Curve, colour: string, x: At, y: At): string {
  const seen = points.filter((point) => point.x > 0 && point.y > 0);
  const places = seen.map((point) => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`);
  const last = seen.at(-1);
  const label = last ? text(x(last.x) + 8, y(last.y) + 4, 'start', name, colour) : '';
  const dots = places.map((place) => {
    const [cx, cy] = place.split(',');
    return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`;
  });
  return `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}${label}`;
}

const rule = (y: number) =>
  `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y}" y2="${y}" stroke="#ddd"/>`;

const text = (x: number, y: number, anchor: string, words: string, fill = '#333') =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${fill}">${words}</text>`;

const spoken = (value: number) =>
  value >= 1 ? value.toLocaleString('en-US') : String(Number(value.toPrecision(1)));
