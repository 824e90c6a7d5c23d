-- The book: raw documents, the lines read from them, day totals of the ledger, and what a
-- reconciliation run derives. Amounts are minor units, times UTC milliseconds, days are counted
-- from 1970-01-01 in the channel's zone. A line's id is document id × 2^32 + line number, so every
-- line leads home by its id alone.

create table channel_account (
  id integer primary key,
  channel text not null,
  account_no text not null,
  fund_account text not null default 'basic',
  currency text not null default 'CNY',
  -- 1 when decisions may name it by the empty number it had until a bill told its own.
  named_later integer not null default 0,
  unique (channel, account_no, fund_account)
) strict;

create table raw_document (
  id integer primary key,
  sha256 text not null unique,
  name text not null,
  size_bytes integer not null,
  received_at_ms integer not null,
  source text not null
) strict;

create table document_chunk (
  document_id integer not null references raw_document (id),
  seq integer not null,
  bytes blob not null,
  primary key (document_id, seq)
) strict;

create table document (
  id integer primary key,
  raw_document_id integer not null references raw_document (id),
  entry_no integer not null,
  entry_name text not null,
  kind text not null,
  stream text not null,
  account_id integer references channel_account (id),
  from_day integer,
  to_day integer,
  rows_read integer not null,
  rows_new integer not null,
  rows_known integer not null,
  rows_changed integer not null,
  rows_quarantined integer not null,
  checks text not null,
  unknown_columns text not null,
  mapping text not null default '',
  -- When the channel made the file, by its own mark; UTC ms.
  issued_at_ms integer,
  -- 1 when that is when it was last fetched, since the file bears no date of its own.
  mark_by_fetch integer not null default 0,
  -- 1 when the file holds every line of the days it covers: no filter, no part of a day.
  whole integer not null default 0,
  -- Totals by stable name, for the comparison of a bill with its summary.
  totals text not null default '{}',
  unique (raw_document_id, entry_no)
) strict;

-- What was on the only account of a document before its first and after its last row.
create table document_balance (
  document_id integer not null references document (id),
  currency text not null,
  opening_minor integer not null,
  closing_minor integer not null,
  primary key (document_id, currency)
) strict;

create table settlement_line (
  id integer primary key,
  day integer not null,
  at_ms integer not null,
  kind integer not null,
  status integer not null,
  payment_id text not null,
  order_id text not null,
  refund_id text not null,
  merchant_refund_id text not null,
  currency text not null,
  order_minor integer not null,
  settled_minor integer not null,
  subsidy_minor integer not null,
  fee_minor integer not null,
  fee_rate_ppm integer,
  ordered_at_ms integer,
  refunded_at_ms integer,
  status_text text not null,
  scene text not null,
  paying_bank text not null,
  payer text not null,
  goods text not null,
  note text not null,
  extra text not null
) strict;

create table balance_transaction (
  id integer primary key,
  day integer not null,
  at_ms integer not null,
  kind integer not null,
  kind_text text not null,
  channel_ref text not null,
  ledger_ref text not null,
  merchant_ref text not null,
  payment_ref text not null,
  amount_minor integer not null,
  balance_after_minor integer,
  fee_minor integer not null,
  submitter text not null,
  counterparty text not null,
  remark text not null,
  extra text not null
) strict;

-- Rows of payouts that the channel lists: the line that says it, the payout's number, and the line
-- of the row.
create table payout_member (
  id integer primary key,
  payout_ref text not null,
  row_id integer not null
) strict;

create table bank_line (
  id integer primary key,
  day integer not null,
  at_ms integer,
  currency text not null,
  amount_minor integer not null,
  balance_after_minor integer,
  bank_ref text not null,
  counterparty text not null,
  memo text not null,
  extra text not null
) strict;

create table shop_order (
  id integer primary key,
  day integer not null,
  order_id text not null,
  ordered_at_ms integer not null,
  paid_at_ms integer,
  closed_at_ms integer,
  status integer not null,
  status_text text not null,
  currency text not null,
  amount_minor integer not null,
  channel text not null,
  goods text not null,
  buyer text not null,
  extra text not null
) strict;

create table shop_refund (
  id integer primary key,
  day integer not null,
  merchant_refund_id text not null,
  order_id text not null,
  at_ms integer not null,
  currency text not null,
  amount_minor integer not null,
  status_text text not null,
  extra text not null
) strict;

-- A row that could not be read, kept so that it can be mended and replayed.
create table quarantine (
  document_id integer not null references document (id),
  line_no integer not null,
  code text not null,
  detail text not null,
  raw text not null,
  -- The document that holds the mended line, once it was replayed.
  mended_by integer references raw_document (id),
  primary key (document_id, line_no)
) strict;

-- The columns matching needs, packed by document, stream and day: derived from the lines of that
-- document, written in the same transaction, re-derivable from them.
create table day_pack (
  stream integer not null,
  day integer not null,
  document_id integer not null references document (id),
  rows integer not null,
  bytes blob not null,
  primary key (stream, day, document_id)
) strict;

-- What the rows of a document add up to by day, kind and status: sums over whole lists come from
-- here. Derived like its packs; the currency of a balance is its account's and stands empty here.
create table day_sum (
  stream integer not null,
  day integer not null,
  document_id integer not null references document (id),
  kind integer not null,
  status integer not null,
  currency text not null,
  rows integer not null,
  amount_minor integer not null,
  fee_minor integer not null,
  primary key (stream, day, document_id, kind, status, currency)
) strict;

-- Events a document repeats that another document had booked: their identities and what they say.
create table day_seen (
  stream integer not null,
  day integer not null,
  document_id integer not null references document (id),
  bytes blob not null,
  primary key (stream, day, document_id)
) strict;

-- The lines of a bill as they came: eight bytes of each line's SHA-256. What of a copy is not as it
-- was received is found by them, in any column.
create table line_mark (
  document_id integer primary key references document (id),
  bytes blob not null
) strict;

-- Files that nobody could read and that are a changed copy of a bill; gone once the bill comes again.
create table refused_copy (
  document_id integer not null references document (id),
  sha256 text not null,
  name text not null,
  line_no integer not null,
  primary key (document_id, sha256)
) strict;

-- Postings are a pure function of a line and the rule book; only their day totals are stored.
create table ledger_account (
  id integer primary key,
  code text not null unique
) strict;

create table ledger_day (
  account_id integer not null references ledger_account (id),
  day integer not null,
  currency text not null,
  debit_minor integer not null,
  credit_minor integer not null,
  postings integer not null,
  primary key (account_id, day, currency)
) strict;

-- What people decided, only ever added to; survives every re-run of the reconciliation. Acts of one
-- batch are taken back together.
create table decision (
  id integer primary key,
  batch integer not null,
  kind text not null,
  subject text not null,
  body text not null,
  decided_at_ms integer not null,
  decided_by text not null
) strict;

create table mapping (
  fingerprint text primary key,
  body text not null
) strict;

-- A later word of the channel on the same event: the line that no longer counts, and the one that
-- does; none when the later bill of that day leaves the line out. All stay.
create table superseded (
  line_id integer primary key,
  by_line_id integer,
  by_document_id integer not null references document (id)
) strict;

-- Derived: bills of one day that differ. `later_id` is null while nobody can tell which is later.
create table revision (
  stream text not null,
  account_id integer not null,
  day integer not null,
  document_id integer not null references document (id),
  later_id integer references document (id),
  other_id integer not null references document (id),
  lines integer not null,
  other_lines integer not null,
  added integer not null,
  removed integer not null,
  changed integer not null,
  line_id integer not null,
  primary key (stream, account_id, day, document_id, other_id)
) strict;

-- Statements given out, so that a file can be told to be one of them, or a changed one.
create table issued_statement (
  id integer primary key,
  sha256 text not null unique,
  content_hash text not null,
  file_name text not null,
  format text not null,
  lang text not null,
  subject text not null,
  total_minor integer not null,
  currency text not null,
  issued_at_ms integer not null
) strict;

-- Derived by the latest reconciliation run. A digest tells the next one which rows stay as they are.
create table payout (
  id text primary key,
  account_id integer not null,
  number text not null,
  line_id integer not null,
  at_ms integer not null,
  day integer not null,
  currency text not null,
  amount_minor integer not null,
  gross_minor integer not null,
  unexplained_minor integer not null,
  from_day integer not null,
  from_id integer not null,
  until_day integer not null,
  until_id integer not null,
  promised_day integer not null,
  bank_day integer,
  bank_minor integer,
  bank_line_ids text not null,
  state text not null,
  verdict text not null,
  line_ref text not null,
  digest integer not null,
  reviewed_by text not null default '',
  reviewed_at_ms integer,
  notes integer not null default 0
) strict;

create table payout_component (
  payout_id text not null references payout (id),
  position integer not null,
  name text not null,
  amount_minor integer not null,
  rows integer not null,
  primary key (payout_id, position)
) strict;

create table break (
  id text primary key,
  kind text not null,
  records text not null,
  field text not null,
  expected text not null,
  found text not null,
  effect_minor integer not null,
  currency text not null,
  day integer not null,
  account_id integer not null,
  reason text not null,
  line_id integer,
  source integer not null,
  digest integer not null,
  state text not null default 'open',
  act text not null default '',
  decided_by text not null default '',
  decided_at_ms integer,
  why text not null default '',
  decision_id integer,
  notes integer not null default 0
) strict;

-- Derived: ids that breaks and payouts had while their account had no number.
create table record_alias (
  former text primary key,
  id text not null
) strict;

-- Fund rows of unknown kind that a decision says the kind of.
create table classified (
  line_id integer primary key,
  kind integer not null,
  decision_id integer not null
) strict;

-- Entries that decisions cause, already inside the ledger's days: debit and credit by account name.
create table correction (
  id integer primary key,
  day integer not null,
  currency text not null,
  debit text not null,
  credit text not null,
  amount_minor integer not null,
  decision_id integer not null,
  line_id integer
) strict;

-- The contract rate a run learned from the rows of an account, parts per million, and what is
-- charged for each payment beside it.
create table account_term (
  account_id integer primary key,
  fee_rate_ppm integer,
  fee_fixed_minor integer not null
) strict;

create table certificate (
  account_id integer not null,
  stream text not null,
  day integer not null,
  verdict text not null,
  checks text not null,
  digest integer not null,
  primary key (account_id, stream, day)
) strict;

-- Derived: a run's state before a day, and what of the book it depends on. While that is the same,
-- the next run goes on from here.
create table run_state (
  day integer primary key,
  fingerprint text not null,
  bytes blob not null
) strict;

create table match_pack (
  account_id integer not null,
  day integer not null,
  pairs integer not null,
  bytes blob not null,
  primary key (account_id, day)
) strict;

create table account_state (
  account_id integer not null,
  stream text not null,
  day integer not null,
  opening_minor integer,
  closing_minor integer,
  rows integer not null,
  primary key (account_id, stream, day)
) strict;

-- Accounts at channels and shops that are asked over the network. Nothing here is secret.
create table connection (
  id integer primary key,
  -- wechat_pay, alipay, union_pay, stripe, vendure, medusa, woocommerce, shopify
  kind text not null,
  account_no text not null,
  name text not null,
  -- Where it is asked: https://host
  base text not null,
  -- First day that is asked for.
  from_day integer not null,
  paused integer not null default 0,
  added_at_ms integer not null,
  added_by text not null,
  -- The last try of the keys: when, and the code of what was wrong; empty when nothing was.
  checked_at_ms integer,
  check_code text not null default '',
  -- When the last of the channel's own certificates ends, where they are fetched; UTC ms.
  their_until_ms integer,
  -- When a sync last asked it, how often in a row that came to nothing, and until when it is
  -- therefore left alone by itself, with the code of why.
  asked_at_ms integer,
  failures integer not null default 0,
  rest_until_ms integer,
  rest_code text not null default '',
  unique (kind, account_no)
) strict;

-- Keys of connections: whole set-ups, sealed under a key made of the book's own; on a server, which
-- has none, under the key of the seat that gave them. Of those a seat can open, the one with the
-- highest turn signs; the other one is believed, and may sign in its place, until it is retired.
create table credential (
  id integer primary key,
  connection_id integer not null references connection (id),
  sealed blob not null,
  -- When the first certificate in it ends; none where nothing in it ends.
  until_ms integer,
  added_at_ms integer not null,
  added_by text not null,
  -- Name of the seat's key; empty where the book's own sealed it.
  sealed_by text not null default '',
  turn integer not null
) strict;

-- What is proven to be here: for each stream of a connection, half-open spans of the channel's
-- time, never a "last sync". A later fetch of the same span is a row of its own.
create table coverage (
  connection_id integer not null references connection (id),
  stream text not null,
  from_ms integer not null,
  until_ms integer not null,
  taken_at_ms integer not null,
  -- hash, totals, pages: what proves the document; empty: the channel's own word that there is
  -- nothing; broken: it contradicts itself and proves nothing.
  proof text not null,
  document_id integer references raw_document (id),
  primary key (connection_id, stream, from_ms, taken_at_ms)
) strict;

-- What of a connection could not be had at the last try; gone once it is there.
create table sync_trouble (
  connection_id integer not null references connection (id),
  stream text not null,
  from_ms integer not null,
  until_ms integer not null,
  code text not null,
  detail text not null,
  tries integer not null,
  tried_at_ms integer not null,
  -- Before this time it is not asked for again by itself.
  next_at_ms integer not null,
  primary key (connection_id, stream, from_ms)
) strict;

-- How the last asks of each stream went, numbered from 1: an empty code went well, not_yet is the
-- channel's word that nothing is made yet, everything else failed. The last fifty are kept, and of
-- those that went well and of those that failed the last.
create table sync_ask (
  connection_id integer not null references connection (id),
  stream text not null,
  seq integer not null,
  at_ms integer not null,
  code text not null,
  primary key (connection_id, stream, seq)
) strict;

-- Where a stream that has no days goes on: the channel's own cursor, or ours. Moves in the
-- transaction that books what was fetched.
create table sync_cursor (
  connection_id integer not null references connection (id),
  stream text not null,
  cursor text not null,
  primary key (connection_id, stream)
) strict;

-- Orders that a shop's own system no longer gave out when it was asked for them, and when it last
-- did again: the later of the two counts. What was read of them before stays as it is.
create table order_gone (
  shop text not null,
  shop_order text not null,
  noticed_at_ms integer not null,
  back_at_ms integer not null,
  primary key (shop, shop_order)
) strict;

-- Money asked for at the counter. The number is kept before anything is sent, and every question
-- to the channel is asked by it.
create table collection (
  id integer primary key,
  -- Made once for each press of the button: the same again is the same collection.
  nonce text not null unique,
  order_no text not null unique,
  -- No reference: a connection may be taken away, what was collected through it stays.
  connection_id integer not null,
  channel text not null,
  account_no text not null,
  currency text not null,
  amount_minor integer not null check (amount_minor > 0),
  note text not null,
  -- sending, not_sent, unknown, waiting, closing, paid, closed, refused
  state text not null,
  code text not null default '',
  trouble text not null default '',
  trouble_detail text not null default '',
  made_at_ms integer not null,
  made_by text not null,
  shown_at_ms integer,
  expires_at_ms integer not null,
  asked_at_ms integer,
  next_at_ms integer,
  tries integer not null default 0,
  paid_at_ms integer,
  channel_ref text not null default '',
  given_up_at_ms integer
) strict;

-- What a person recorded by hand, only ever added to. The number is kept before anything is booked;
-- what is booked is a file made of the record, found again by its hash.
create table till_record (
  id integer primary key,
  -- Made once for each press of the button: the same again is the same record.
  nonce text not null unique,
  number text not null unique,
  -- receipt, refund, card, float, take, drop, deposit, bounce, batch, count, reversal
  act text not null,
  tender text not null,
  -- Till, terminal or account of ours.
  account_no text not null,
  amount_minor integer not null check (amount_minor >= 0),
  -- What it adds to what is in hand, and to what the holder of a prepaid card can spend.
  in_hand_minor integer not null,
  card text not null,
  card_minor integer not null,
  batch text not null,
  at_ms integer not null,
  day integer not null,
  order_id text not null,
  -- The record it gives back, sends on or takes back.
  of_id integer references till_record (id),
  reason text not null,
  facts text not null,
  made_at_ms integer not null,
  made_by text not null,
  sha256 text not null
) strict;

-- Derived: slips of a terminal that the acquirer's file holds too, and the row that counts instead;
-- none for the sending of their batch.
create table slip_pair (
  record_id integer primary key references till_record (id),
  line_id integer
) strict;

-- Pictures and papers beside a record; their bytes are kept as files are.
create table till_attachment (
  id integer primary key,
  record_id integer not null references till_record (id),
  raw_document_id integer not null references raw_document (id),
  name text not null,
  media text not null,
  added_at_ms integer not null,
  added_by text not null
) strict;

-- Search: postings sorted by key, packed into pages; derived from the lines. A text is kept once
-- for all lines that carry it, its figures masked.
create table search_text (
  id integer primary key,
  text text not null
) strict;

create table search_segment (
  id integer primary key,
  level integer not null,
  postings integer not null
) strict;

create table search_page (
  segment integer not null references search_segment (id),
  kind integer not null,
  page integer not null,
  first_key integer not null,
  first_day integer not null,
  last_key integer not null,
  bytes blob not null,
  primary key (segment, kind, last_key, page)
) strict;

create index settlement_line_day on settlement_line (day, at_ms, id, kind, status, settled_minor);
-- By amount within 64 days: a new day's rows fall among those of two months, not of years.
create index settlement_line_amount on settlement_line
  (day / 64, settled_minor, id, day, kind, status);
create index settlement_line_odd_amount on settlement_line (settled_minor, id, day, kind, status)
  where kind <> 0 or status <> 4;
create index settlement_line_odd on settlement_line (day, at_ms, id, kind, status, settled_minor)
  where kind <> 0 or status <> 4;
create index settlement_line_unsettled on settlement_line (day, at_ms, id, kind, status, settled_minor)
  where status <> 4;
create index settlement_line_payment on settlement_line (payment_id);
-- Order numbers made at the counter.
create index settlement_line_collected on settlement_line (order_id, id)
  where order_id >= 'C2' and order_id < 'C3';
create index balance_transaction_day on balance_transaction (day, at_ms, id, kind, amount_minor);
create index balance_transaction_amount on balance_transaction
  (day / 64, amount_minor, id, day, kind);
-- All but payments, refunds and their fees.
create index balance_transaction_rare on balance_transaction (kind, day, at_ms, id, amount_minor)
  where kind > 3;
create index balance_transaction_unknown on balance_transaction (id) where kind = 16;
create index payout_member_payout on payout_member (payout_ref);
create index payout_member_row on payout_member (row_id);
create index bank_line_day on bank_line (day, id);
create index shop_order_day on shop_order (day, ordered_at_ms, id);
create index shop_refund_day on shop_refund (day, id);
create index payout_day on payout (day, id);
create index payout_bank_day on payout (bank_day);
create index payout_number on payout (number);
create index payout_span on payout (account_id, until_day);
create index payout_unseen on payout (day, id) where reviewed_at_ms is null;
create index payout_line on payout (line_id);
create index break_day on break (day, id);
create index break_state on break (state, day, id);
create index collection_made on collection (made_at_ms);
create index decision_subject on decision (subject, id);
create index till_record_at on till_record (at_ms, id);
create index till_record_of on till_record (of_id);
create index till_record_place on till_record (tender, account_no, at_ms);
create index till_record_sha256 on till_record (sha256);
create index till_attachment_record on till_attachment (record_id);
