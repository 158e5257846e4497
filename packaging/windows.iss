; The installer for Windows: for this user only, so no administrator is needed.
; build_package.py passes Version, Source, Output, Name and Compression.

[Setup]
AppId={{6A5D1C37-3B0E-4C0E-9B53-7F7C4E1D2A90}
AppName=Appeal Merge
AppVersion={#Version}
AppPublisher=Appeal Merge
PrivilegesRequired=lowest
; Python needs it.
MinVersion=10.0
DefaultDirName={localappdata}\Programs\Appeal Merge
DisableDirPage=yes
DisableProgramGroupPage=yes
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
; The program has this mutex while it runs: Setup asks to quit it first.
AppMutex=AppealMergeIsRunning
; Files of Word and Excel open as before.
ChangesAssociations=no
SetupIconFile={#Source}\..\..\appeal-merge.ico
UninstallDisplayIcon={app}\Appeal Merge.exe
OutputDir={#Output}
OutputBaseFilename={#Name}
Compression={#Compression}
SolidCompression=yes
WizardStyle=modern

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "ar"; MessagesFile: "compiler:Languages\Arabic.isl"
Name: "fr"; MessagesFile: "compiler:Languages\French.isl"
Name: "es"; MessagesFile: "compiler:Languages\Spanish.isl"
Name: "ru"; MessagesFile: "compiler:Languages\Russian.isl"
Name: "uk"; MessagesFile: "compiler:Languages\Ukrainian.isl"

[InstallDelete]
; What an older version left. Campaigns are in other folders.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Source}\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{userprograms}\Appeal Merge"; Filename: "{app}\Appeal Merge.exe"
Name: "{userdesktop}\Appeal Merge"; Filename: "{app}\Appeal Merge.exe"

[Run]
Filename: "{app}\Appeal Merge.exe"; Description: "{cm:LaunchProgram,Appeal Merge}"; Flags: nowait postinstall skipifsilent

; Uninstalling removes what Setup installed, and nothing else: no campaign, no private data of the
; program in %LOCALAPPDATA%\appeal-merge.
