import { ReactElement, ReactNode, useEffect, useRef } from 'react';
import uPlot from 'uplot';

import type { Columns } from './chartData';
import type { Chart } from './lines';

interface Properties {
  readonly chart: Chart;
  readonly columns: Columns;
  /** Times at which nothing is known. */
  readonly breaks: readonly number[];
  /** The ends of the time that is shown. */
  readonly range: readonly [number, number];
  /** What it shows, in words. */
  readonly told: string;
  /** The theme: its colours are read when it is another one. */
  readonly theme: string;
  /** Told which time is pointed at; null for none. */
  readonly onPoint: (time: number | null) => void;
  /** Shown in front of it. */
  readonly children: ReactNode;
}

type Shown = Pick<Properties, 'columns' | 'breaks' | 'range' | 'onPoint'>;

const HEIGHT = 190;
const LEAST_WIDTH = 200;
const AXIS_WIDTH = 54;
const AXIS_HEIGHT = 30;
const A_MINUTE = 60;
/** All charts of a page point at the same time. */
const TOGETHER = 'tfs-notebook';

/** A chart, drawn on a canvas by uPlot. */
export function Plot({ chart, theme, told, children, ...shown }: Properties): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef<Shown>(shown);
  latest.current = shown;

  useEffect(() => {
    const node = place.current;
    if (!node) {
      return;
    }
    const options = optionsOf(chart, node, () => latest.current);
    const drawn = new uPlot(options, latest.current.columns, node);
    plot.current = drawn;
    const observer = new ResizeObserver(() => {
      drawn.setSize({ width: widthOf(node), height: HEIGHT });
    });
    observer.observe(node);
    return () => {
      observer.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [chart, theme]);

  const { columns, range } = shown;
  const [begin, end] = range;
  useEffect(() => {
    plot.current?.setData(columns);
    // What else is drawn is of the same samples.
  }, [columns, begin, end]);

  return (
    <div className="jp-Tfs-plot">
      <div ref={place} role="img" aria-label={told} />
      {children}
    </div>
  );
}

function widthOf(node: HTMLElement): number {
  return Math.max(LEAST_WIDTH, node.clientWidth);
}

function optionsOf(chart: Chart, node: HTMLElement, shown: () => Shown): uPlot.Options {
  const style = getComputedStyle(node);
  const colour = (variable: string) => style.getPropertyValue(variable).trim();
  const axis: uPlot.Axis = {
    stroke: colour('--jp-ui-font-color2'),
    font: `11px ${style.fontFamily}`,
    grid: { stroke: colour('--jp-border-color2'), width: 1 },
    ticks: { stroke: colour('--jp-border-color2'), width: 1 }
  };
  const steps = uPlot.paths.stepped?.({ align: -1 });
  return {
    width: widthOf(node),
    height: HEIGHT,
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: false, y: false },
      sync: { key: TOGETHER }
    },
    scales: {
      x: { time: true, range: () => [...shown().range] as uPlot.Range.MinMax },
      // From nought, and never without height.
      y: { range: (_, _lowest, highest) => [0, highest > 0 ? highest * 1.1 : 1] }
    },
    axes: [
      { ...axis, values: (_, splits) => clocks(splits), space: 70, size: AXIS_HEIGHT },
      { ...axis, size: AXIS_WIDTH }
    ],
    series: [
      {},
      ...chart.lines.map((line): uPlot.Series => ({
        label: line.name,
        stroke: colour(line.colour),
        width: 1.5,
        dash: [...line.dash],
        points: { show: false },
        ...(steps ? { paths: steps } : {})
      }))
    ],
    hooks: {
      draw: [drawn => drawBreaks(drawn, shown().breaks, colour('--jp-ui-font-color2'))],
      setCursor: [
        drawn => {
          const { left } = drawn.cursor;
          const isOver = left !== undefined && left >= 0;
          shown().onPoint(isOver ? drawn.posToVal(left, 'x') : null);
        }
      ]
    }
  };
}

function drawBreaks(drawn: uPlot, times: readonly number[], colour: string): void {
  const { ctx, bbox } = drawn;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  for (const time of times) {
    const x = drawn.valToPos(time, 'x', true);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

/** Times of day, with seconds where they tell the marks apart. */
function clocks(times: readonly number[]): string[] {
  const isFine = times.some(time => time % A_MINUTE !== 0);
  return times.map(time =>
    new Date(time * 1000).toLocaleTimeString([], {
      hour: '2-digit',
      minute: '2-digit',
      hour12: false,
      ...(isFine ? { second: '2-digit' } : {})
    })
  );
}
