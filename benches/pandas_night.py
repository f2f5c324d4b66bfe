"""The bare night in pandas: read, hash, join, decide, write the same tables as `onroll run`.

    python pandas_night.py WORKSPACE OUTPUT-FOLDER

Like duckdb_night.py it protects nobody and exists to be raced against.
"""

import sys

import numpy as np
import pandas as pd

from night_common import AHEAD, NIGHT, YEAR_AGO, hasher, learner, places, staff

SAME = ["establishment", "legal_surname", "legal_forename", "year_group", "registration_class"]


def read(path):
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def roll(workspace, digest):
    """The best row of each person."""
    table = lambda name: read(workspace / f"mis/{name}.csv")
    schools = table("establishments")
    maintained = set(schools.loc[schools["maintained"] == "Y", "establishment"])
    learners, members = table("learners"), table("staff")
    learners["person"] = [digest(learner(i)) for i in learners["learner_id"]]
    learners["role_now"], learners["start_date"] = "learner", learners["admission_date"]
    members["person"] = [digest(staff(e, c)) for e, c in zip(members["establishment"], members["staff_code"])]
    members["role_now"] = np.where(members["staff_type"] == "teaching", "teaching_staff", "non_teaching_staff")
    members["year_group"] = members["registration_class"] = ""
    columns = ["person", "role_now", *SAME, "start_date", "leaving_date"]
    people = pd.concat([learners[columns], members[columns]], ignore_index=True)
    # Dates written YYYY-MM-DD compare as text.
    people["on_roll"] = (
        (people["start_date"] <= str(AHEAD))
        & ((people["leaving_date"] == "") | (people["leaving_date"] >= str(NIGHT)))
        & people["establishment"].isin(maintained)
    )
    order = ["person", "on_roll", "start_date", "establishment"]
    people = people.sort_values(order, ascending=[True, False, True, True])
    return people.drop_duplicates("person")


def main():
    workspace, output, snapshot = places(sys.argv)
    best = roll(workspace, hasher(workspace)).rename(columns={name: f"{name}_now" for name in SAME})
    accounts = read(snapshot / "accounts.csv")
    columns = list(accounts.columns)
    accounts["person"] = accounts["person_ref"].str.split(":").str[-1]
    both = accounts.merge(best, on="person", how="outer")
    known, listed = both["account_id"].notna(), both["role_now"].notna()
    here = both["on_roll"].fillna(False).astype(bool)
    inactive = both["state"] == "inactive"
    both = both.fillna("")
    differs = (
        (both["year_group_now"] != both["year_group"])
        | (both["registration_class_now"] != both["registration_class"])
        | (both["role_now"] != both["role"])
    )
    both["action"] = np.select(
        [
            ~known & here, ~known, inactive & here, inactive & (both["left_on"] < str(YEAR_AGO)), inactive, ~listed,
            ~here, both["establishment_now"] != both["establishment"], differs,
        ],
        ["create", "", "reactivate", "purge", "", "mark_absent", "release", "transfer", "update"], "",
    )
    is_ = lambda *words: both["action"].isin(words)
    plan = both.loc[both["action"] != "", ["action", "account_id", "person", "username", "establishment_now", "leaving_date"]]
    plan = plan.rename(columns={"establishment_now": "establishment"})
    plan.sort_values(["action", "establishment", "account_id"]).to_csv(output / "plan.csv", index=False)
    counts = plan["action"].value_counts().sort_index()
    put = lambda column, mask, values: both.__setitem__(column, np.where(mask, values, both[column]))
    new, surname, forename = is_("create"), both["legal_surname_now"], both["legal_forename_now"]
    put("account_id", new, both["person"])
    put("person_ref", new, both["person"])
    put("category", new, "mis")
    put("role", listed, both["role_now"])
    put("state", is_("release"), "inactive")
    put("state", is_("create", "reactivate"), "active")
    put("establishment", is_("create", "reactivate", "transfer"), both["establishment_now"])
    put("username", new, surname.str.lower() + forename.str[:1].str.lower() + both["person"].str[:6])
    put("display_name", new, forename + " " + surname.str[:1])
    put("surname", new, surname)
    put("forename", new, forename)
    put("year_group", is_("create", "update", "transfer"), both["year_group_now"])
    put("registration_class", is_("create", "update", "transfer"), both["registration_class_now"])
    put("created_on", new, str(NIGHT))
    put("left_on", is_("release"), both["leaving_date"])
    put("inactive_since", is_("release"), str(NIGHT))
    put("inactive_reason", is_("release"), "left")
    put("missing_since", is_("mark_absent"), str(NIGHT))
    stays = (known | new) & ~is_("purge")
    both.loc[stays, columns].sort_values("account_id").to_csv(output / "accounts.csv", index=False)
    print(", ".join(f"{action} {count}" for action, count in counts.items()))


if __name__ == "__main__":
    main()
