"""The bare night in Polars from Python: read, hash, join, decide, write the same tables as `onroll run`.

    python polars_night.py WORKSPACE OUTPUT-FOLDER

Like duckdb_night.py it protects nobody and exists to be raced against.
"""

import sys

import polars as pl

from night_common import AHEAD, NIGHT, YEAR_AGO, hasher, learner, places, staff

SAME = ["establishment", "legal_surname", "legal_forename", "year_group", "registration_class"]


def roll(workspace, digest):
    """The best row of each person."""
    read = lambda name: pl.read_csv(workspace / f"mis/{name}.csv", infer_schema=False)
    maintained = read("establishments").filter(pl.col("maintained") == "Y")["establishment"]
    learners, members = read("learners"), read("staff")
    learners = learners.select(
        pl.Series("person", [digest(learner(i)) for i in learners["learner_id"]]),
        pl.lit("learner").alias("role_now"), *SAME, pl.col("admission_date").alias("start_date"), "leaving_date",
    )
    pairs = zip(members["establishment"], members["staff_code"])
    members = members.select(
        pl.Series("person", [digest(staff(e, c)) for e, c in pairs]),
        pl.when(pl.col("staff_type") == "teaching").then(pl.lit("teaching_staff"))
        .otherwise(pl.lit("non_teaching_staff")).alias("role_now"),
        *SAME[:3], pl.lit(None, pl.String).alias("year_group"), pl.lit(None, pl.String).alias("registration_class"),
        "start_date", "leaving_date",
    )
    people = pl.concat([learners, members]).with_columns(pl.col("start_date", "leaving_date").str.to_date())
    on_roll = (
        (pl.col("start_date") <= AHEAD) & (pl.col("leaving_date") >= NIGHT).fill_null(True)
        & pl.col("establishment").is_in(maintained.implode())
    )
    people = people.with_columns(on_roll.alias("on_roll"))
    order = ["person", "on_roll", "start_date", "establishment"]
    return people.sort(order, descending=[False, True, False, False]).unique("person", keep="first", maintain_order=True)


def main():
    workspace, output, snapshot = places(sys.argv)
    best = roll(workspace, hasher(workspace)).rename({name: f"{name}_now" for name in SAME})
    accounts = pl.read_csv(snapshot / "accounts.csv", infer_schema=False).with_columns(
        pl.col("person_ref").str.split(":").list.last().alias("person")
    )
    both = accounts.join(best, on="person", how="full", coalesce=True)
    known, here = pl.col("account_id").is_not_null(), pl.col("on_roll").fill_null(False)
    inactive = pl.col("state") == "inactive"
    differs = pl.any_horizontal(
        pl.col("year_group_now").ne_missing(pl.col("year_group")),
        pl.col("registration_class_now").ne_missing(pl.col("registration_class")),
        pl.col("role_now").ne_missing(pl.col("role")),
    )
    action = (
        pl.when(~known & here).then(pl.lit("create")).when(~known).then(None)
        .when(inactive & here).then(pl.lit("reactivate"))
        .when(inactive & (pl.col("left_on").str.to_date() < YEAR_AGO)).then(pl.lit("purge"))
        .when(inactive).then(None)
        .when(pl.col("on_roll").is_null()).then(pl.lit("mark_absent"))
        .when(~here).then(pl.lit("release"))
        .when(pl.col("establishment_now") != pl.col("establishment")).then(pl.lit("transfer"))
        .when(differs).then(pl.lit("update"))
    )
    both = both.with_columns(action.alias("action"))
    night = pl.lit(str(NIGHT))
    is_ = lambda *words: pl.col("action").is_in(words).fill_null(False)
    both.filter(pl.col("action").is_not_null()).select(
        "action", "account_id", "person", "username", pl.col("establishment_now").alias("establishment"), "leaving_date"
    ).sort("action", "establishment", "account_id").write_csv(output / "plan.csv")
    surname, forename = pl.col("legal_surname_now"), pl.col("legal_forename_now")
    either = lambda name, other: pl.coalesce(name, other).alias(name)
    moved = lambda name, *words: pl.when(is_(*words)).then(pl.col(f"{name}_now")).otherwise(name).alias(name)
    both.filter((known | is_("create")) & ~is_("purge")).with_columns(
        either("account_id", pl.col("person")), either("person_ref", pl.col("person")), either("category", pl.lit("mis")),
        pl.coalesce("role_now", "role").alias("role"),
        pl.when(is_("release")).then(pl.lit("inactive")).when(is_("create", "reactivate")).then(pl.lit("active"))
        .otherwise("state").alias("state"),
        moved("establishment", "create", "reactivate", "transfer"),
        either("username", surname.str.to_lowercase() + forename.str.slice(0, 1).str.to_lowercase() + pl.col("person").str.slice(0, 6)),
        either("display_name", forename + " " + surname.str.slice(0, 1)),
        either("surname", surname), either("forename", forename),
        pl.when(pl.col("action").is_null()).then("year_group").otherwise(pl.coalesce("year_group_now", "year_group")).alias("year_group"),
        pl.when(pl.col("action").is_null()).then("registration_class")
        .otherwise(pl.coalesce("registration_class_now", "registration_class")).alias("registration_class"),
        either("created_on", night),
        pl.when(is_("release")).then(pl.col("leaving_date").cast(pl.String)).otherwise("left_on").alias("left_on"),
        pl.when(is_("release")).then(night).otherwise("inactive_since").alias("inactive_since"),
        pl.when(is_("release")).then(pl.lit("left")).otherwise("inactive_reason").alias("inactive_reason"),
        pl.when(is_("mark_absent")).then(night).otherwise("missing_since").alias("missing_since"),
    ).select([c for c in accounts.columns if c != "person"]).sort("account_id").write_csv(output / "accounts.csv")
    counts = both.filter(pl.col("action").is_not_null()).group_by("action").len().sort("action").rows()
    print(", ".join(f"{action} {count}" for action, count in counts))


if __name__ == "__main__":
    main()
