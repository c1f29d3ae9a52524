import { ReactElement, useId } from 'react';

import { useChanging } from '../src/changing';
import { useTrans } from '../src/text/translation';
import { usePage } from './page';

/** Asks for the token without which this server answers nothing. */
export function TokenView(): ReactElement {
  const trans = useTrans();
  const { page } = usePage();
  const id = useId();
  const isWrong = useChanging(page.tokens, () => page.tokens.isReadingWrong);
  return (
    <form
      className="tfs-token"
      onSubmit={event => {
        event.preventDefault();
        const given = new FormData(event.currentTarget).get('token');
        if (typeof given === 'string' && given.trim()) {
          page.tokens.give('reading', given.trim());
        }
      }}
    >
      <h2>{trans.__('This server asks for a token')}</h2>
      <p>
        {trans.__(
          'It is kept until this tab is closed, and sent to this server alone. Whoever runs the server has it in a file.'
        )}
      </p>
      {isWrong && (
        <p className="jp-Tfs-note jp-mod-bad" role="alert">
          {trans.__('The server does not take this token.')}
        </p>
      )}
      <label htmlFor={id}>{trans.__('Token')}</label>
      <input id={id} name="token" type="password" autoComplete="off" required autoFocus />
      <button type="submit" className="tfs-button jp-mod-accept">
        {trans.__('Continue')}
      </button>
    </form>
  );
}
