// Tables with search, sorting and pages. On narrow screens a row becomes a card: what a table is to a screen reader is then said by
// roles, since browsers forget it once rows are no table rows to the eye.
import type { ComponentChildren, JSX } from "preact";
import { useId, useMemo, useState } from "preact/hooks";
import { count, number } from "./words";

type Key = string | number | null;
export interface Column<T> {
  label: string;
  cell: (row: T) => ComponentChildren;
  sort?: (row: T) => Key;
  numeric?: boolean;
}

interface Props<T> {
  caption: string;
  rows: T[];
  columns: Column<T>[];
  id: (row: T) => string | number;
  nothing: string;
  words?: (row: T) => string; // what a search looks at
  search?: { value: string; onChange: (value: string) => void };
  sorted?: { by: string; descending: boolean };
  perPage?: number;
}

const unknownLast = (a: Key, b: Key): number => {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
};

interface Order {
  by: string;
  descending: boolean;
}

function ordered<T>(rows: T[], columns: Column<T>[], order: Order | undefined): T[] {
  const sort = columns.find((column) => column.label === order?.by)?.sort;
  if (!order || !sort) return rows;
  const sign = order.descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [x, y] = [sort(a), sort(b)];
    return x === null || y === null ? unknownLast(x, y) : sign * unknownLast(x, y);
  });
}

function Pages({ page, pages, go, of }: { page: number; pages: number; go: (page: number) => void; of: string }): JSX.Element {
  return (
    <nav class="pages" aria-label={`Pages of ${of}`}>
      <button type="button" disabled={page === 0} onClick={() => go(page - 1)}>
        Previous
      </button>
      <span>
        page {number(page + 1)} of {number(pages)}
      </span>
      <button type="button" disabled={page + 1 >= pages} onClick={() => go(page + 1)}>
        Next
      </button>
    </nav>
  );
}

// For cards, which have no header to press.
function SortChoice<T>({ columns, order, choose }: { columns: Column<T>[]; order: Order | undefined; choose: (order: Order) => void }): JSX.Element {
  const id = useId();
  const [by, descending] = [order?.by ?? "", order?.descending ?? false];
  return (
    <div class="sort-choice">
      <label for={id}>Sort by</label>
      <select id={id} value={by} onChange={(event) => choose({ by: event.currentTarget.value, descending })}>
        {by === "" && <option value="">as told</option>}
        {columns
          .filter((column) => column.sort)
          .map((column) => (
            <option key={column.label}>{column.label}</option>
          ))}
      </select>
      <button type="button" onClick={() => choose({ by, descending: !descending })} aria-label={descending ? "Sorted downwards: turn around" : "Sorted upwards: turn around"}>
        {descending ? "↓" : "↑"}
      </button>
    </div>
  );
}

function Head<T>({ columns, order, choose }: { columns: Column<T>[]; order: Order | undefined; choose: (order: Order) => void }): JSX.Element {
  return (
    <thead role="rowgroup">
      <tr role="row">
        {columns.map(({ label, sort, numeric }) => {
          const chosen = order?.by === label ? order : undefined;
          const direction = chosen ? (chosen.descending ? "descending" : "ascending") : "none";
          return (
            <th key={label} role="columnheader" scope="col" class={numeric ? "numeric" : ""} {...(sort ? { "aria-sort": direction } : {})}>
              {sort ? (
                <button type="button" onClick={() => choose({ by: label, descending: chosen ? !chosen.descending : false })}>
                  {label} <span aria-hidden="true">{chosen ? (chosen.descending ? "↓" : "↑") : "↕"}</span>
                </button>
              ) : (
                label
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function Row<T>({ row, columns }: { row: T; columns: Column<T>[] }): JSX.Element {
  return (
    <tr role="row">
      {columns.map(({ label, cell, numeric }, place) => {
        const content = cell(row);
        const empty = content === null || content === "";
        const shape = { "data-label": label, class: `${numeric ? "numeric" : ""}${empty ? " empty" : ""}` };
        return place === 0 ? (
          <th key={label} role="rowheader" scope="row" {...shape}>
            <div>{content}</div>
          </th>
        ) : (
          <td key={label} role="cell" {...shape}>
            <div>{content}</div>
          </td>
        );
      })}
    </tr>
  );
}

export function Table<T>(props: Props<T>): JSX.Element {
  const { caption, rows, columns, id, nothing, words, search, perPage = 50 } = props;
  const [order, setOrder] = useState<Order | undefined>(props.sorted);
  const [at, setAt] = useState(0);
  const field = useId();
  const wanted = search?.value.trim().toLowerCase() ?? "";
  const found = useMemo(() => (wanted && words ? rows.filter((row) => words(row).toLowerCase().includes(wanted)) : rows), [rows, wanted]);
  const all = useMemo(() => ordered(found, columns, order), [found, order]);
  const pages = Math.max(1, Math.ceil(all.length / perPage));
  const page = Math.min(at, pages - 1);
  const choose = (next: Order): void => {
    setOrder(next);
    setAt(0);
  };
  return (
    <div class="listing">
      {search && (
        <div class="search">
          <label for={field}>Search in {caption}</label>
          <input id={field} type="search" value={search.value} onInput={(event) => search.onChange(event.currentTarget.value)} autocomplete="off" spellcheck={false} />
          <span role="status">{wanted ? `${number(all.length)} of ${number(rows.length)}` : count(rows.length, "entry", "entries")}</span>
        </div>
      )}
      {columns.some((column) => column.sort) && all.length > 1 && <SortChoice columns={columns} order={order} choose={choose} />}
      {all.length === 0 ? (
        <p>{wanted ? `Nothing here has “${search?.value.trim()}” in it.` : nothing}</p>
      ) : (
        <table role="table">
          <caption class="hidden">{caption}</caption>
          <Head columns={columns} order={order} choose={choose} />
          <tbody role="rowgroup">
            {all.slice(page * perPage, (page + 1) * perPage).map((row) => (
              <Row key={id(row)} row={row} columns={columns} />
            ))}
          </tbody>
        </table>
      )}
      {pages > 1 && <Pages page={page} pages={pages} go={setAt} of={caption} />}
    </div>
  );
}
