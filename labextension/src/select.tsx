import type { ReactElement } from 'react';

import type { Words } from './console/target';

interface Properties {
  readonly id: string;
  readonly value: string;
  readonly options: Words;
  readonly onChange: (value: string) => void;
}

/** A list to choose one of. */
export function Select({ id, value, options, onChange }: Properties): ReactElement {
  return (
    <div className="jp-Tfs-select">
      <select id={id} value={value} onChange={event => onChange(event.target.value)}>
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
      <svg viewBox="0 0 18 18" width="14" height="14" aria-hidden="true">
        <path
          d="M5.200 6.900L9 10.800l3.800-3.900L14 8.100l-5 5-5-5z"
          fill="currentColor"
        />
      </svg>
    </div>
  );
}
