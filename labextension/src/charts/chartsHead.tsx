import { ReactElement, useId } from 'react';

import { CopyButton } from '../copyButton';
import { IconButton } from '../iconButton';
import { ServerChooser } from '../panel/serverChooser';
import type { Break, Sample } from '../server/sample';
import type { ServerChoice } from '../server/serverChoice';
import type { Servers } from '../server/servers';
import { downloadGlyph } from '../text/glyphs';
import { useTrans } from '../text/translation';
import { Select } from '../select';
import { ChartsState, SPANS, Span } from './chartsState';
import { csvOf } from './csv';
import type { Chart } from './lines';

interface Properties {
  readonly servers: Servers;
  readonly choice: ServerChoice;
  readonly state: ChartsState;
  readonly model: string;
  readonly models: readonly string[];
  readonly span: Span;
  readonly charts: readonly Chart[];
  readonly samples: readonly (Sample | Break)[];
}

/** What is shown, and as what. */
export function ChartsHead({
  servers,
  choice,
  state,
  model,
  models,
  span,
  charts,
  samples
}: Properties): ReactElement {
  const trans = useTrans();
  const id = useId();
  const { isTable } = state.view;
  const csv = () => csvOf(samples, charts);
  return (
    <div className="jp-Tfs-chartsHead">
      <ServerChooser servers={servers} choice={choice} />
      <span className="jp-Tfs-chooser">
        <label htmlFor={id}>{trans.__('Model')}</label>
        <Select
          id={id}
          value={model}
          options={models.map(name => [name, name] as const)}
          onChange={name => state.choose(name)}
        />
      </span>
      <div role="group" aria-label={trans.__('The last minutes to show')}>
        {SPANS.map(minutes => (
          <button
            key={minutes}
            type="button"
            className="jp-Tfs-tab"
            aria-pressed={minutes === span}
            onClick={() => state.showMinutes(minutes)}
          >
            {minutes < 60 ? trans.__('%1 min', String(minutes)) : trans.__('1 h')}
          </button>
        ))}
      </div>
      <span className="jp-Tfs-spacer" />
      <button
        type="button"
        className="jp-Tfs-tab"
        aria-pressed={isTable}
        onClick={() => state.showTable(!isTable)}
      >
        {trans.__('Show as table')}
      </button>
      <CopyButton
        label={trans.__('Copy as CSV')}
        text={csv}
        isDisabled={samples.length === 0}
      />
      <IconButton
        icon={downloadGlyph}
        label={trans.__('Download as CSV')}
        isDisabled={samples.length === 0}
        onClick={() => download(`${model}.csv`, csv())}
      />
    </div>
  );
}

function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
