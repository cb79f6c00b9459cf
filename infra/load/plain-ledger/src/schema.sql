-- What a team would write first.
CREATE TABLE wallets (
  user_id  text   PRIMARY KEY,
  coins    bigint NOT NULL DEFAULT 0 CHECK (coins >= 0),
  diamonds bigint NOT NULL DEFAULT 0
);

CREATE TABLE gifts (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sender        text   NOT NULL REFERENCES wallets,
  key           text   NOT NULL,
  creator       text   NOT NULL REFERENCES wallets,
  gift_id       text   NOT NULL,
  quantity      int    NOT NULL,
  target_kind   text   NOT NULL,
  target_id     text   NOT NULL,
  coins         bigint NOT NULL,
  balance_after bigint NOT NULL,
  at            timestamptz NOT NULL DEFAULT now(),
  UNIQUE (sender, key)
);

CREATE INDEX gifts_of_creator ON gifts (creator, at);
