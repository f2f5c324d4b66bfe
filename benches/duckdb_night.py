"""The bare night in DuckDB: read, hash, join, decide, write the same tables as `onroll run`.

    python duckdb_night.py WORKSPACE OUTPUT-FOLDER

What an engineer would write in an afternoon: nobody is protected by it. No gate, no guards,
no report, no decisions, no digests, no second reading of the rules. It exists to be raced against.
"""

import pathlib
import sys

import duckdb

NIGHT = "2026-03-10"


def keyed_hash(workspace):
    """HMAC-SHA-256 as SQL: person_refs are keyed hashes, so the two tables join on nothing else."""
    line = workspace.with_name(workspace.name + ".key").read_text().strip()
    secret = bytes.fromhex(line.split(":")[1]).ljust(64, b"\0")
    inner, outer = (bytes(b ^ pad for b in secret).hex() for pad in (0x36, 0x5C))
    return (
        f"substr(sha256(unhex('{outer}') || unhex(sha256(unhex('{inner}') || encode(message)))), 1, 32)"
    )


def main():
    workspace, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    output.mkdir(parents=True, exist_ok=True)
    directory = workspace / "directory"
    snapshot = directory / (directory / "CURRENT").read_text().strip()
    hashed = keyed_hash(workspace)
    db = duckdb.connect()
    db.execute("SET preserve_insertion_order = false")
    read = "read_csv('{}', header = true, all_varchar = true)"
    db.execute(f"""
        CREATE VIEW accounts AS SELECT * FROM {read.format(snapshot / 'accounts.csv')};
        CREATE TABLE eligible AS
            SELECT establishment FROM {read.format(workspace / 'mis/establishments.csv')} WHERE maintained = 'Y';
        CREATE VIEW roll AS
        WITH people AS (
            SELECT 'learner' || chr(31) || chr(31) || upper(trim(learner_id)) AS message, 'learner' AS role,
                   establishment, legal_surname, legal_forename, year_group, registration_class,
                   admission_date::DATE AS start_date, leaving_date::DATE AS leaving_date
            FROM {read.format(workspace / 'mis/learners.csv')}
            UNION ALL
            SELECT 'staff' || chr(31) || establishment || chr(31) || upper(trim(staff_code)),
                   CASE staff_type WHEN 'teaching' THEN 'teaching_staff' ELSE 'non_teaching_staff' END,
                   establishment, legal_surname, legal_forename, NULL, NULL, start_date::DATE, leaving_date::DATE
            FROM {read.format(workspace / 'mis/staff.csv')}
        )
        SELECT {hashed} AS person, * EXCLUDE (message),
               start_date <= DATE '{NIGHT}' + 21 AND coalesce(leaving_date >= DATE '{NIGHT}', true)
                   AND establishment IN (FROM eligible) AS on_roll
        FROM people;
        CREATE TABLE best AS
            SELECT * FROM roll
            QUALIFY row_number() OVER (PARTITION BY person ORDER BY on_roll DESC, start_date, establishment) = 1;
    """)
    db.execute(f"""
        CREATE TABLE decided AS
        SELECT a.*, r.person, r.establishment AS school_now, r.year_group AS year_now, r.registration_class AS class_now,
               r.legal_surname, r.legal_forename, r.leaving_date, r.role AS role_now,
               CASE
                   WHEN a.account_id IS NULL AND r.on_roll THEN 'create'
                   WHEN a.account_id IS NULL THEN NULL
                   WHEN a.state = 'inactive' AND r.on_roll THEN 'reactivate'
                   WHEN a.state = 'inactive' AND a.left_on::DATE + INTERVAL 12 MONTH < DATE '{NIGHT}' THEN 'purge'
                   WHEN a.state = 'inactive' THEN NULL
                   WHEN r.person IS NULL THEN 'mark_absent'
                   WHEN NOT r.on_roll THEN 'release'
                   WHEN r.establishment <> a.establishment THEN 'transfer'
                   WHEN r.year_group IS DISTINCT FROM a.year_group
                     OR r.registration_class IS DISTINCT FROM a.registration_class
                     OR r.role <> a.role THEN 'update'
               END AS action
        FROM accounts a FULL JOIN best r ON r.person = split_part(a.person_ref, ':', 2);
        COPY (
            SELECT action, account_id, person, username, school_now AS establishment, leaving_date AS effective_on
            FROM decided WHERE action IS NOT NULL ORDER BY action, establishment, account_id
        ) TO '{output / 'plan.csv'}' (HEADER);
        COPY (
            SELECT coalesce(account_id, md5(person)) AS account_id,
                   coalesce(person_ref, person) AS person_ref,
                   coalesce(category, 'mis') AS category,
                   coalesce(role_now, role) AS role,
                   CASE WHEN action = 'release' THEN 'inactive'
                        WHEN action IN ('create', 'reactivate') THEN 'active' ELSE state END AS state,
                   CASE WHEN action IN ('create', 'reactivate', 'transfer') THEN school_now ELSE establishment END AS establishment,
                   coalesce(username, lower(legal_surname || legal_forename[1] || substr(person, 1, 6))) AS username,
                   email, aliases,
                   coalesce(display_name, legal_forename || ' ' || legal_surname[1]) AS display_name,
                   coalesce(surname, legal_surname) AS surname,
                   coalesce(forename, legal_forename) AS forename,
                   login,
                   CASE WHEN action IS NULL THEN year_group ELSE coalesce(year_now, year_group) END AS year_group,
                   CASE WHEN action IS NULL THEN registration_class ELSE coalesce(class_now, registration_class) END
                       AS registration_class,
                   coalesce(created_on, '{NIGHT}') AS created_on,
                   CASE WHEN action = 'release' THEN leaving_date::VARCHAR ELSE left_on END AS left_on,
                   CASE WHEN action = 'release' THEN '{NIGHT}' ELSE inactive_since END AS inactive_since,
                   CASE WHEN action = 'release' THEN 'left' ELSE inactive_reason END AS inactive_reason,
                   grace_granted_on, grace_until, expires_on, closes_on_expiry, hold_until,
                   CASE WHEN action = 'mark_absent' THEN '{NIGHT}' ELSE missing_since END AS missing_since,
                   credentials_due_on, last_sign_in, directory_id, organisation, job_title, work_email, contact_number
            FROM decided
            WHERE (account_id IS NOT NULL OR action = 'create') AND action IS DISTINCT FROM 'purge'
            ORDER BY account_id
        ) TO '{output / 'accounts.csv'}' (HEADER);
    """)
    counts = db.execute("SELECT action, count(*) FROM decided WHERE action IS NOT NULL GROUP BY 1 ORDER BY 1").fetchall()
    print(", ".join(f"{action} {count}" for action, count in counts))


if __name__ == "__main__":
    main()
