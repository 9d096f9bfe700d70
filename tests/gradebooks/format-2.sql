-- A gradebook as the grader wrote it that knew format 2 (`sqlite3 gradebook.db .dump`).
BEGIN TRANSACTION;
CREATE TABLE checks_parts (
	checks VARCHAR(64) NOT NULL, 
	parts TEXT NOT NULL, 
	PRIMARY KEY (checks)
);
INSERT INTO "checks_parts" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','{"check losses/test_it": "1"}');
CREATE TABLE exercise_grades (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	submission_id VARCHAR(700) NOT NULL, 
	submission_digest VARCHAR(64) NOT NULL, 
	exercise VARCHAR(200) NOT NULL, 
	checks TEXT NOT NULL, 
	engine VARCHAR(64) NOT NULL, 
	torch VARCHAR(100) NOT NULL, 
	seed VARCHAR(40) NOT NULL, 
	device VARCHAR(100) NOT NULL, 
	sandbox VARCHAR(500) NOT NULL, 
	data TEXT NOT NULL, 
	layers TEXT NOT NULL, 
	graded_at DATETIME NOT NULL, 
	entry TEXT NOT NULL
);
INSERT INTO "exercise_grades" VALUES(1,'ada','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','losses','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc','2.13.0','7','cpu','strict','','["rlimits", "landlock", "seccomp"]','2026-11-21 18:51:11.585538','{"name": "losses", "status": "passed", "points": 2, "max_points": 2.0, "checks": [{"id": "losses/test_it", "title": "It is right.", "function": "it", "hidden": true, "outcome": "passed", "points": 2, "max_points": 2.0, "message": null, "hint": null, "misconception": null, "seconds": 0.25}]}');
INSERT INTO "exercise_grades" VALUES(2,'bela','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','losses','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc','2.13.0','7','cpu','strict','','["rlimits", "landlock", "seccomp"]','2026-11-21 18:51:11.601926','{"name": "losses", "status": "failed", "points": 0.5, "max_points": 2.0, "checks": [{"id": "losses/test_it", "title": "It is right.", "function": "it", "hidden": true, "outcome": "failed", "points": 0.5, "max_points": 2.0, "message": "wrong \u00e9", "hint": null, "misconception": null, "seconds": 0.25}]}');
CREATE TABLE gradebook_migrations (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT gradebook_migrations_pkc PRIMARY KEY (version_num)
);
INSERT INTO "gradebook_migrations" VALUES('0002');
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
INSERT INTO "gradebook_version" VALUES(2);
CREATE TABLE graded_exercises (
	grading INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	exercise_grade INTEGER NOT NULL, 
	PRIMARY KEY (grading, position), 
	FOREIGN KEY(grading) REFERENCES gradings (number), 
	FOREIGN KEY(exercise_grade) REFERENCES exercise_grades (number)
);
INSERT INTO "graded_exercises" VALUES(1,0,1);
INSERT INTO "graded_exercises" VALUES(2,0,2);
CREATE TABLE gradings (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	run INTEGER NOT NULL, 
	submission_id VARCHAR(700) NOT NULL, 
	submission_digest VARCHAR(64) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	reason TEXT NOT NULL, 
	points FLOAT NOT NULL, 
	max_points FLOAT NOT NULL, 
	graded_at DATETIME NOT NULL, 
	FOREIGN KEY(run) REFERENCES runs (number)
);
INSERT INTO "gradings" VALUES(1,1,'ada','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','graded','null',2.0,2.0,'2026-11-21 18:51:11.585538');
INSERT INTO "gradings" VALUES(2,1,'bela','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','graded','null',0.5,2.0,'2026-11-21 18:51:11.601926');
INSERT INTO "gradings" VALUES(3,2,'bela','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','rejected','"there is no file in it"',0.0,0.0,'2026-11-21 18:51:11.639276');
CREATE TABLE runs (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	began DATETIME NOT NULL, 
	finished DATETIME, 
	course TEXT NOT NULL, 
	seed VARCHAR(40) NOT NULL, 
	device VARCHAR(100) NOT NULL, 
	sandbox VARCHAR(500) NOT NULL, 
	layers TEXT NOT NULL, 
	torch VARCHAR(100) NOT NULL, 
	grader VARCHAR(100) NOT NULL, 
	data TEXT NOT NULL, 
	seconds FLOAT, 
	settings TEXT NOT NULL
);
INSERT INTO "runs" VALUES(1,'2026-11-21 18:51:11.573481','2026-11-21 18:51:11.608176','Deep learning','7','cpu','strict','["rlimits"]','2.13.0','0.1.0','',1.5,'{"paths": ["/class/one", "/class/two"], "only": null, "course_folder": "/course"}');
INSERT INTO "runs" VALUES(2,'2026-11-21 18:51:11.620448',NULL,'Deep learning','7','cpu','strict','[]','2.13.0','0.1.0','',NULL,'{"paths": ["/class/one", "/class/two"], "only": null, "course_folder": "/course"}');
CREATE INDEX ix_gradings_submission_id ON gradings (submission_id);
CREATE INDEX ix_exercise_grades_submission ON exercise_grades (submission_id, submission_digest);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('runs',2);
INSERT INTO "sqlite_sequence" VALUES('exercise_grades',2);
INSERT INTO "sqlite_sequence" VALUES('gradings',3);
COMMIT;
