import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Unreachable } from '../src/api/connection';
import { SEPARATOR } from '../src/panel/menu';
import { filled, translationOf } from '../web/catalogue';
import { sendWith } from '../web/connection';
import { chosenAmong } from '../web/language';
import { viewOf } from '../web/location';
import { News } from '../web/news';
import { PageDialogs } from '../web/pageDialogs';
import { usable } from '../web/pageMenu';
import { Drawer, Tokens } from '../web/tokens';

function drawer(): Drawer & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: key => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: key => void kept.delete(key)
  };
}

/** A server that answers with a status, and what it was asked. */
function server(status: number): {
  readonly asked: [string, string | null][];
  readonly fetched: typeof fetch;
} {
  const asked: [string, string | null][] = [];
  const fetched = (path: unknown, init?: RequestInit) => {
    asked.push([String(path), new Headers(init?.headers).get('Authorization')]);
    return Promise.resolve(new Response('{}', { status }));
  };
  return { asked, fetched };
}

const LOAD = 'v2/repository/models/spam/load';

describe('texts', () => {
  test('are filled, and translated where the catalogue has them', () => {
    const trans = translationOf({ '%1 of %2': ['%2 之 %1'], '': { language: 'zh-CN' } });
    expect(trans.__('%1 of %2', 'a', 3)).toBe('3 之 a');
    expect(trans.__('%1 more', 'x')).toBe('x more');
    expect(trans.__('')).toBe('');
    expect(trans._n('one', 'many', 2)).toBe('many');
    expect(filled('%1 and %3', ['$&'])).toBe('$& and %3');
  });

  test('are in the first language that the page has', () => {
    expect(chosenAmong(['fr-FR', 'zh-TW', 'en'])).toBe('zh-CN');
    expect(chosenAmong(['en-GB', 'zh'])).toBe('en');
    expect(chosenAmong(['fr'])).toBe('en');
    expect(chosenAmong([])).toBe('en');
  });
});

test('an address stands for a view, or for the models', () => {
  expect(viewOf('#/charts')).toBe('charts');
  expect(viewOf('#/constructor')).toBe('models');
  expect(viewOf('')).toBe('models');
});

describe('tokens', () => {
  test('go where they belong', async () => {
    const tokens = new Tokens(drawer());
    const { asked, fetched } = server(200);
    const send = sendWith(tokens, fetched);
    await send('v2');
    tokens.give('control', 'c');
    await send('v2/repository/overview');
    await send('v1/models/spam:predict', { method: 'POST' });
    await send(LOAD, { method: 'POST' });
    tokens.give('reading', 'r');
    await send('predict', { method: 'POST' });
    await send(LOAD, { method: 'POST' });
    tokens.forget('control');
    await send(LOAD, { method: 'POST' });
    expect(asked.map(([, token]) => token)).toEqual([
      null,
      null,
      null,
      'Bearer c',
      'Bearer r',
      'Bearer c',
      'Bearer r'
    ]);
    expect(asked[1]![0]).toBe('/v2/repository/overview');
  });

  test('are kept in the drawer of the tab', () => {
    const tab = drawer();
    new Tokens(tab).give('control', 'c');
    const again = new Tokens(tab);
    expect(again.get('control')).toBe('c');
    again.forget('control');
    expect(tab.kept.size).toBe(0);
    expect(new Tokens(null).get('control')).toBeNull();
  });

  test('one that is refused is forgotten, and asked for where all is refused', async () => {
    const tokens = new Tokens(drawer());
    tokens.give('control', 'wrong');
    await sendWith(tokens, server(403).fetched)(LOAD, { method: 'POST' });
    expect(tokens.get('control')).toBeNull();
    expect(tokens.isReadingRefused).toBe(false);
    await sendWith(tokens, server(401).fetched)('v2');
    expect(tokens.isReadingRefused).toBe(true);
    expect(tokens.isReadingWrong).toBe(false);
    tokens.give('reading', 'wrong');
    // Nobody has said so yet.
    expect(tokens.isReadingWrong).toBe(false);
    await sendWith(tokens, server(401).fetched)('v2');
    expect(tokens.isReadingWrong).toBe(true);
    await sendWith(tokens, server(200).fetched)('v2');
    expect(tokens.isReadingRefused).toBe(false);
  });

  test('a server that is gone is told as such', async () => {
    const gone = () => Promise.reject(new TypeError('Failed to fetch'));
    const send = sendWith(new Tokens(null), gone);
    await expect(send('v2')).rejects.toBeInstanceOf(Unreachable);
  });
});

describe('news', () => {
  test('are asked for one after the other, and failures waited out longer each time', async () => {
    const answers = [10, 10, null, null, 12];
    const asked: number[] = [];
    const waits: number[] = [];
    let told = 0;
    const news: News = new News(
      {
        eventsAfter: number => {
          asked.push(number);
          const next = answers.shift();
          if (next === undefined) {
            news.stop();
            return Promise.resolve(number);
          }
          return next === null ? Promise.reject(new Error('away')) : Promise.resolve(next);
        }
      },
      () => {
        told += 1;
      },
      () => false,
      milliseconds => {
        waits.push(milliseconds);
        return Promise.resolve();
      }
    );
    await news.follow();
    expect(asked).toEqual([0, 10, 10, 10, 10, 12]);
    expect(waits).toEqual([500, 1000]);
    // At first, after each failure, and for what is new then.
    expect(told).toBe(4);
  });

  test('are not asked for while the page is hidden', async () => {
    let isHidden = true;
    let asked = 0;
    const news: News = new News(
      {
        eventsAfter: number => {
          asked += 1;
          news.stop();
          return Promise.resolve(number);
        }
      },
      () => undefined,
      () => isHidden
    );
    const following = news.follow();
    await Promise.resolve();
    expect(asked).toBe(0);
    isHidden = false;
    news.resume();
    await following;
    expect(asked).toBe(1);
  });
});

test('of a menu those items are left that can be chosen, without needless lines', () => {
  const commands = {
    hasCommand: (id: string) => id !== 'gone',
    isVisible: (id: string) => id === 'one'
  };
  const item = (command: string) => ({ command, args: {} });
  const menu = [
    SEPARATOR,
    item('one'),
    SEPARATOR,
    item('two'),
    SEPARATOR,
    item('one'),
    item('gone'),
    SEPARATOR
  ] as const;
  expect(usable(menu, commands)).toEqual([item('one'), SEPARATOR, item('one')]);
});

describe('dialogs', () => {
  test('one at a time is open, and what is given up is no answer', async () => {
    const dialogs = new PageDialogs();
    const first = dialogs.confirm('Unload?', '', 'Unload');
    const second = dialogs.askText({
      title: 'Set',
      label: 'Label',
      placeholder: '',
      okLabel: 'Set'
    });
    expect(await first).toBe(false);
    dialogs.asked?.answer([' stable ']);
    expect(await second).toBe('stable');
    expect(dialogs.asked).toBeNull();
  });

  test('a failure stays until it is dismissed', async () => {
    const dialogs = new PageDialogs();
    dialogs.report(Promise.reject(new Error('no such directory')), {
      pending: 'loading',
      done: 'loaded'
    });
    expect(dialogs.notices.map(one => one.kind)).toEqual(['pending']);
    await new Promise(resolve => setTimeout(resolve));
    expect(dialogs.notices.map(one => one.text)).toEqual(['no such directory']);
    dialogs.dismiss(dialogs.notices[0]!.id);
    expect(dialogs.notices).toEqual([]);
  });
});

test('the page is drawn with nothing of JupyterLab, and nothing from elsewhere', () => {
  const root = join(__dirname, '../web');
  const html = readFileSync(join(root, 'index.html'), 'utf8');
  expect(html).not.toMatch(/https?:|<script>|<style|\son\w+=/);
});
