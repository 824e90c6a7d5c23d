-- What a program must know of a book before it reads anything else: its identity, its schema
-- number and the checksums of the migrations that made it.

create table book_meta (
  key text primary key,
  value text not null
);
