import { ReactElement, useEffect, useId, useRef } from 'react';

import { IconButton } from '../src/iconButton';
import { useChanging } from '../src/changing';
import { closeGlyph } from '../src/text/glyphs';
import { Note } from '../src/text/note';
import { useTrans } from '../src/text/translation';
import type { Asked, PageDialogs } from './pageDialogs';

interface Properties {
  readonly dialogs: PageDialogs;
}

/** The dialog that is open, if one is. */
export function DialogView({ dialogs }: Properties): ReactElement | null {
  const asked = useChanging(dialogs, () => dialogs.asked);
  return asked && <OpenDialog key={asked.title} asked={asked} />;
}

function OpenDialog({ asked }: { readonly asked: Asked }): ReactElement {
  const trans = useTrans();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) {
        before.focus();
      }
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className="tfs-dialog"
      aria-labelledby={id}
      onCancel={event => {
        event.preventDefault();
        asked.answer(null);
      }}
    >
      <form
        onSubmit={event => {
          event.preventDefault();
          const given = new FormData(event.currentTarget);
          asked.answer(asked.fields.map((_, place) => textOf(given.get(String(place)))));
        }}
      >
        <h2 id={id}>{asked.title}</h2>
        {asked.text && <p>{asked.text}</p>}
        {asked.fields.map((field, place) => (
          <label key={field.label}>
            {field.label}
            <input
              name={String(place)}
              type={field.isSecret ? 'password' : 'text'}
              placeholder={field.placeholder}
              autoComplete="off"
              spellCheck={false}
              required={field.isSecret}
              autoFocus={place === 0}
            />
          </label>
        ))}
        <div className="tfs-dialogButtons">
          <button type="button" className="tfs-button" onClick={() => asked.answer(null)}>
            {trans.__('Cancel')}
          </button>
          <button
            type="submit"
            className={`tfs-button jp-mod-${asked.isGrave ? 'warn' : 'accept'}`}
          >
            {asked.button}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** How the changes go that were asked for. */
export function Notices({ dialogs }: Properties): ReactElement {
  const trans = useTrans();
  const notices = useChanging(dialogs, () => dialogs.notices);
  const tones = { pending: 'busy', done: 'good', failed: 'bad' } as const;
  return (
    <div className="tfs-notices" aria-live="polite">
      {notices.map(({ id, kind, text }) => (
        <div key={id} className="tfs-notice" data-kind={kind}>
          <Note text={text} tone={tones[kind]} role={undefined} />
          {kind !== 'pending' && (
            <IconButton
              icon={closeGlyph}
              label={trans.__('Dismiss')}
              onClick={() => dialogs.dismiss(id)}
            />
          )}
        </div>
      ))}
    </div>
  );
}

function textOf(value: FormDataEntryValue | null): string {
  return typeof value === 'string' ? value : '';
}
