import { ChartsState, spanFor } from '../src/charts/chartsState';

test('the shortest span that shows all of it', () => {
  expect([0, 300, 301, 900, 901, 3600, 9000].map(spanFor)).toEqual([
    5, 5, 15, 15, 60, 60, 60
  ]);
});

test('a span that is chosen stays, and others than those are none', () => {
  const state = new ChartsState();
  expect(state.view.span).toBeNull();
  state.showMinutes(15);
  state.showMinutes(7);
  expect(state.view.span).toBe(15);
});
