-- A gradebook as the grader wrote it that knew format 1 (`sqlite3 gradebook.db .dump`).
BEGIN TRANSACTION;
CREATE TABLE gradebook_settings (
	name VARCHAR(40) NOT NULL, 
	value VARCHAR(200) NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "gradebook_settings" VALUES('seed','7');
CREATE TABLE gradebook_version (
	version INTEGER NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "gradebook_version" VALUES(1);
CREATE TABLE grades (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	submission_id VARCHAR(700) NOT NULL, 
	submission_digest VARCHAR(64) NOT NULL, 
	checks_digest VARCHAR(64) NOT NULL, 
	seed VARCHAR(40) NOT NULL, 
	device VARCHAR(100) NOT NULL, 
	sandbox VARCHAR(500) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	points FLOAT NOT NULL, 
	max_points FLOAT NOT NULL, 
	graded_at DATETIME NOT NULL, 
	grade TEXT(16777216) NOT NULL
);
INSERT INTO "grades" VALUES(1,'ada','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc','7','cpu','strict','graded',2.0,4.0,'2026-11-21 12:59:32.613163','{"id": "ada", "status": "graded", "reason": null, "points": 2.0, "max_points": 4.0, "exercises": [{"name": "losses", "status": "failed", "points": 0.0, "max_points": 2.0, "checks": [{"id": "losses/test_l1", "title": "l1_loss agrees.", "function": "l1_loss", "hidden": true, "outcome": "failed", "points": 0.0, "max_points": 2.0, "message": "l1_loss(\u2026) \u00e9 \ud800 ''quoted''; DROP", "hint": null, "misconception": null, "seconds": 0.25}]}, {"name": "layers", "status": "passed", "points": 2.0, "max_points": 2.0, "checks": []}], "layers": ["rlimits", "landlock", "seccomp"]}');
INSERT INTO "grades" VALUES(2,'Béla/Ünal (2)','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc','7','cpu','strict','graded',4.0,4.0,'2026-11-21 12:59:32.617310','{"id": "B\u00e9la/\u00dcnal (2)", "status": "graded", "reason": null, "points": 4.0, "max_points": 4.0, "exercises": [{"name": "losses", "status": "passed", "points": 2.0, "max_points": 2.0, "checks": [{"id": "losses/test_l1", "title": "l1_loss agrees.", "function": "l1_loss", "hidden": true, "outcome": "passed", "points": 2.0, "max_points": 2.0, "message": null, "hint": null, "misconception": null, "seconds": 0.25}]}, {"name": "layers", "status": "passed", "points": 2.0, "max_points": 2.0, "checks": []}], "layers": ["rlimits", "landlock", "seccomp"]}');
INSERT INTO "grades" VALUES(3,'ada','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','1152921504606846976','cuda','best-effort','graded',4.0,4.0,'2026-11-21 12:59:32.621297','{"id": "ada", "status": "graded", "reason": null, "points": 4.0, "max_points": 4.0, "exercises": [{"name": "losses", "status": "passed", "points": 2.0, "max_points": 2.0, "checks": [{"id": "losses/test_l1", "title": "l1_loss agrees.", "function": "l1_loss", "hidden": true, "outcome": "passed", "points": 2.0, "max_points": 2.0, "message": null, "hint": null, "misconception": null, "seconds": 0.25}]}, {"name": "layers", "status": "passed", "points": 2.0, "max_points": 2.0, "checks": []}], "layers": ["rlimits", "landlock", "seccomp"]}');
CREATE INDEX ix_grades_submission_id ON grades (submission_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('grades',3);
COMMIT;
