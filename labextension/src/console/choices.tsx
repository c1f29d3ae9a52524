import { ReactElement, useId } from 'react';

import type { ShownModel } from '../server/health';
import type { Servers } from '../server/servers';
import { hasChoice, serverOptions } from '../serverOptions';
import { Select } from '../select';
import { useTrans } from '../text/translation';
import type { ConsoleState, ConsoleView } from './consoleState';
import type { Kind } from './question';
import { Choice, Words, optionsOf, withChosen } from './target';

interface Properties {
  readonly servers: Servers;
  readonly models: readonly ShownModel[];
  readonly view: ConsoleView;
  readonly state: ConsoleState;
}

const NOTHING = 'nothing';

/** Which model, which version, which beside it, and what it is sent. */
export function Choices({ servers, models, view, state }: Properties): ReactElement {
  const trans = useTrans();
  const model = models.find(one => one.name === view.model);
  const options = model ? optionsOf(model, trans) : [];
  const kinds = kindsOf(view);
  const names: Record<Kind, string> = {
    text: trans.__('text'),
    image: trans.__('image'),
    json: trans.__('JSON (tensors)')
  };
  const choices = options.map(one => [one.choice, one.text] as const);
  const gone = (choice: Choice) =>
    trans.__('%1 (not served)', choice.slice(choice.indexOf(':') + 1));
  return (
    <div className="jp-Tfs-choices">
      {hasChoice(servers, view.server) && (
        <Labelled
          label={trans.__('Server')}
          value={view.server}
          options={serverOptions(servers, view.server, trans)}
          onChange={name => state.chooseServer(name)}
        />
      )}
      <Labelled
        label={trans.__('Model')}
        value={view.model}
        options={withChosen(
          models.map(one => [one.name, one.name] as const),
          view.model,
          trans.__('%1 (not served)', view.model)
        )}
        onChange={name => state.choose(name, '')}
      />
      <Labelled
        label={trans.__('Version')}
        value={view.choice}
        options={withChosen(choices, view.choice, gone(view.choice))}
        onChange={choice => state.choose(view.model, choice as Choice)}
      />
      <Labelled
        label={trans.__('Beside it')}
        value={view.other ?? NOTHING}
        options={withChosen(
          [[NOTHING, '—'], ...choices],
          view.other ?? NOTHING,
          gone(view.other ?? '')
        )}
        onChange={choice =>
          state.compareWith(choice === NOTHING ? null : (choice as Choice))
        }
      />
      <Labelled
        label={trans.__('Input')}
        value={view.kind}
        options={kinds.map(kind => [kind, names[kind]])}
        onChange={kind => state.setKind(kind as Kind)}
      />
    </div>
  );
}

function kindsOf(view: ConsoleView): Kind[] {
  const raw = view.form?.raw_input;
  const kinds: Kind[] = raw ? [raw, 'json'] : ['json'];
  return kinds.includes(view.kind) ? kinds : [view.kind, ...kinds];
}

interface LabelledProperties {
  readonly label: string;
  readonly value: string;
  readonly options: Words;
  readonly onChange: (value: string) => void;
}

function Labelled({ label, ...choice }: LabelledProperties): ReactElement {
  const id = useId();
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <Select id={id} {...choice} />
    </div>
  );
}
