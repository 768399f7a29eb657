### Start page, new project, scan report.
