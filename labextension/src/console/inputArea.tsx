import { KeyboardEvent, ReactElement, useRef } from 'react';

import { useTrans } from '../text/translation';
import type { ConsoleState, ConsoleView } from './consoleState';
import { ImageInput } from './imageInput';

interface Properties {
  readonly view: ConsoleView;
  readonly state: ConsoleState;
  readonly dropHint: string;
  readonly canAsk: boolean;
}

/** What is sent, and the button that sends it. */
export function InputArea({ view, state, dropHint, canAsk }: Properties): ReactElement {
  const trans = useTrans();
  const button = useRef<HTMLButtonElement>(null);
  const isReady = canAsk && state.ready() !== null;
  const send = () => {
    if (isReady && !view.isAsking) {
      void state.send();
    }
  };
  const sendWithKey = (event: KeyboardEvent) => {
    const isText = view.kind === 'text';
    const wants = isText ? !event.shiftKey : event.ctrlKey || event.metaKey;
    if (event.key === 'Enter' && wants && !event.nativeEvent.isComposing) {
      event.preventDefault();
      event.stopPropagation();
      send();
    }
  };
  return (
    <form
      className="jp-Tfs-input"
      onSubmit={event => {
        event.preventDefault();
        send();
      }}
    >
      {view.kind === 'text' && (
        <textarea
          className="jp-mod-styled"
          rows={3}
          aria-label={trans.__('Text')}
          placeholder={trans.__(
            'Type or paste a text; Enter sends it, Shift+Enter begins a line'
          )}
          value={view.text}
          onChange={event => state.setText(event.target.value)}
          onKeyDown={sendWithKey}
        />
      )}
      {view.kind === 'image' && <ImageInput {...{ view, state, dropHint }} />}
      {view.kind === 'json' && (
        <textarea
          className="jp-mod-styled jp-Tfs-json"
          rows={8}
          spellCheck={false}
          aria-label={trans.__('JSON')}
          placeholder={trans.__('{"instances": […]}; Ctrl+Enter sends it')}
          value={view.body}
          onChange={event => state.setBody(event.target.value)}
          onKeyDown={sendWithKey}
        />
      )}
      <div className="jp-Tfs-bar">
        <button
          type="submit"
          className="jp-Dialog-button jp-mod-accept jp-mod-styled"
          ref={button}
          disabled={!isReady}
          // Disabled, it would lose the keyboard.
          aria-disabled={view.isAsking}
        >
          {trans.__('Send')}
        </button>
        {view.isAsking && (
          <button
            type="button"
            className="jp-Dialog-button jp-mod-reject jp-mod-styled"
            onClick={() => {
              state.cancel();
              button.current?.focus();
            }}
          >
            {trans.__('Cancel')}
          </button>
        )}
        <span role="status">{view.isAsking && trans.__('It is being asked …')}</span>
      </div>
    </form>
  );
}
